namespace CoSim.Os.Programs.Init;

/// <summary>The console as the program finds it.</summary>
public static unsafe class ConsoleSetup
{
    /// <summary>ioctl that makes a terminal the session's own.</summary>
    public const ulong SetControllingTerminal = 0x540E;

    private const ulong GetAttributes = 0x5401, SetAttributes = 0x5402;
    private const int LocalModes = 3;
    private const uint EchoMode = 8;

    /// <summary>Opens /dev/console as standard input, output and error output unless the kernel did.</summary>
    public static void OpenWhenAbsent()
    {
        int console = Linux.Open(Linux.Text("/dev/console"u8), Linux.ReadWrite);
        if (console < 0) return;
        for (int descriptor = console; descriptor < 3; descriptor++) Linux.Duplicate(console, descriptor);
        if (console > 2) Linux.Close(console);
    }

    /// <summary>Stops the terminal's echo: input that comes from a file would stand in the output twice.</summary>
    public static void TurnEchoOff()
    {
        uint* attributes = (uint*)Linux.Allocate(64); // struct termios of the kernel: 36 bytes
        if (Linux.Ioctl(0, GetAttributes, attributes) < 0) return;
        attributes[LocalModes] &= ~EchoMode;
        Linux.Ioctl(0, SetAttributes, attributes);
    }
}
