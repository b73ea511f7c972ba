"""What the operator sees: logs and status. It reads Reports and stores; the pipeline knows no operator."""
