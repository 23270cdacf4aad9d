using System.Runtime.InteropServices;

namespace CoSim.Tests.HostOracle;

/// <summary>
/// Installs the thunk's signal handler in front of the one that is there, so that a processor exception of the instruction
/// under test is reported instead of ending the process.
/// </summary>
internal static unsafe partial class FaultCatcher
{
    // Linux: SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV.
    private static readonly int[] s_signals = [4, 5, 7, 8, 11];

    private const int SaSigInfo = 4;
    private const int SaOnStack = 0x0800_0000;
    private const int SaNoDefer = 0x4000_0000;

    /// <summary>Installs the handler for the signals that processor exceptions become.</summary>
    /// <param name="handler">Address of the assembled handler.</param>
    public static void Install(ulong handler)
    {
        ulong* previous = (ulong*)HostThunk.PreviousHandlers;
        foreach (int signal in s_signals)
        {
            SignalAction old = default;
            SignalAction action = default;
            action.Handler = handler;
            action.Flags = SaSigInfo | SaOnStack | SaNoDefer;
            if (SetSignalAction(signal, &action, &old) != 0)
                throw new InvalidOperationException($"cannot install a handler for signal {signal}");

            // 0 and 1 are SIG_DFL and SIG_IGN: not callable. The runtime installs real handlers for all of these,
            // except perhaps SIGTRAP, which nobody raises here outside the code page.
            previous[signal] = old.Handler;
        }
    }

    [StructLayout(LayoutKind.Explicit, Size = 152)]
    private struct SignalAction
    {
        [FieldOffset(0)] public ulong Handler;
        [FieldOffset(136)] public int Flags;
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int SetSignalAction(int signal, SignalAction* action, SignalAction* old);
}
