"""What a delivered file goes through before it becomes rows: read, typed, checked, sifted."""
