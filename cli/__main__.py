import sys

if __name__ == "__main__":
    try:
        from cli.app import main  # takes a second, in which Ctrl-C is Ctrl-C as well

        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
