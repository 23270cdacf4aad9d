using System.Runtime.InteropServices;

namespace CoSim.Cli.Terminal;

/// <summary>
/// Puts this terminal into raw mode, so that every key goes to the guest's console, and puts it back when disposed or when a
/// signal ends the process (termios(3), cfmakeraw). Does nothing when standard input is no terminal.
/// </summary>
public sealed partial class RawMode : IDisposable
{
    private const int StandardInput = 0;
    private const int SetNow = 0;

    /// <summary>More than any system's struct termios has (Linux 60 bytes, macOS 72).</summary>
    private const int SettingsSize = 256;

    private readonly byte[]? _saved;
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _restored;

    private RawMode(byte[]? saved)
    {
        _saved = saved;
        if (saved == null)
            return;
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Restore())); // the signal's own action follows
    }

    /// <summary>Whether standard input is a terminal, which is in raw mode now.</summary>
    public bool IsActive => _saved != null;

    /// <summary>Enters raw mode.</summary>
    public static RawMode Enter()
    {
        if (OperatingSystem.IsWindows() || Console.IsInputRedirected)
            return new RawMode(null);
        byte[] saved = new byte[SettingsSize];
        if (GetAttributes(StandardInput, saved) != 0)
            return new RawMode(null);
        byte[] raw = (byte[])saved.Clone();
        MakeRaw(raw);
        return new RawMode(SetAttributes(StandardInput, SetNow, raw) == 0 ? saved : null);
    }

    /// <summary>Leaves raw mode.</summary>
    public void Dispose()
    {
        Restore();
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
    }

    private void Restore()
    {
        if (_saved != null && Interlocked.Exchange(ref _restored, 1) == 0)
            _ = SetAttributes(StandardInput, SetNow, _saved);
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, [Out] byte[] settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, [In] byte[] settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw([In, Out] byte[] settings);
}
