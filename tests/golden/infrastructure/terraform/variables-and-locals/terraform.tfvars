policy = "noeviction"
