using System.Globalization;
using System.Text;
using CoSim.Cli.Debug.Target;

namespace CoSim.Cli.Debug.Protocol;

/// <summary>Stop replies (GDB manual, appendix E.3).</summary>
internal static class StopReply
{
    private const int Interrupt = 2, Trap = 5;

    /// <summary>Registers that gdb asks for at every stop: sent along.</summary>
    private static readonly int[] s_expedited = [TargetRegisters.NumberOf("rbp"), TargetRegisters.NumberOf("rsp"), TargetRegisters.NumberOf("rip")];

    /// <summary>The reply for a stop.</summary>
    /// <param name="stop">The stop.</param>
    /// <param name="machine">The machine, which stands still.</param>
    /// <param name="reasons">Whether gdb understands <c>swbreak</c> and <c>hwbreak</c>.</param>
    public static string Of(StopEvent stop, Machine machine, bool reasons)
    {
        StringBuilder reply = new();
        reply.Append(CultureInfo.InvariantCulture, $"T{(stop.Kind == StopKind.Interrupt ? Interrupt : Trap):x2}");
        MachineCore core = machine.Cores[stop.Core];
        Span<byte> value = stackalloc byte[8];
        foreach (int number in s_expedited)
        {
            TargetRegisters.All[number].Read(core, value);
            reply.Append(CultureInfo.InvariantCulture, $"{number:x2}:{GdbHex.Of(value)};");
        }

        reply.Append(CultureInfo.InvariantCulture, $"thread:{stop.Core + 1:x};core:{stop.Core:x};");
        reply.Append(stop.Kind switch
        {
            StopKind.SoftwareBreakpoint when reasons => "swbreak:;",
            StopKind.HardwareBreakpoint when reasons => "hwbreak:;",
            StopKind.WriteWatch => $"watch:{GdbHex.Of(stop.Address)};",
            StopKind.ReadWatch => $"rwatch:{GdbHex.Of(stop.Address)};",
            StopKind.AccessWatch => $"awatch:{GdbHex.Of(stop.Address)};",
            StopKind.HistoryBegin => "replaylog:begin;",
            StopKind.HistoryEnd => "replaylog:end;",
            _ => "",
        });
        return reply.ToString();
    }
}
