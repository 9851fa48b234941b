"""What proves the linter right: chains and programs that are drawn, mistakes that are made on purpose."""
