"""Who gets a newsletter: the list files, their addresses and ids, and the signed links of each person.

address   normalise(): an address as it is stored
identity  LedgerKey: subscriber ids, address hashes, Message-IDs, none of which shows the address
tokens    Keyring: signed links, return paths
files     FileSubscribers: subscribers/*.toml and *.csv
edit      add(), remove(): the same files, changed with their comments kept
readers   Readers: who was invited, without whoever said no
"""
