namespace CoSim.Os.Programs.Init;

/// <summary>The console as the program finds it.</summary>
public static unsafe class ConsoleSetup
{
    private const ulong SendBreak = 0x5409; // with an argument other than 0 it only waits, as tcdrain does
    private const ulong SetControllingTerminal = 0x540E, GetAttributes = 0x5401, SetAttributes = 0x5402;
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

    /// <summary>
    /// Makes this process the leader of a session with the console as its terminal. It must be the process that stays: when a
    /// leader exits, Linux hangs the terminal up and throws away what is still to be sent.
    /// </summary>
    public static void Own()
    {
        Linux.NewSession();
        Linux.Ioctl(0, SetControllingTerminal, null);
    }

    /// <summary>Waits until everything written has been sent.</summary>
    public static void Drain() => Linux.Ioctl(1, SendBreak, (void*)1);

    /// <summary>Stops the terminal's echo: input that comes from a file would stand in the output twice.</summary>
    public static void TurnEchoOff()
    {
        uint* attributes = (uint*)Linux.Allocate(64); // struct termios of the kernel: 36 bytes
        if (Linux.Ioctl(0, GetAttributes, attributes) < 0) return;
        attributes[LocalModes] &= ~EchoMode;
        Linux.Ioctl(0, SetAttributes, attributes);
    }
}
