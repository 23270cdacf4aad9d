using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Cli.Debug.Target;

/// <summary>A core in a few words, for the list of threads.</summary>
internal static unsafe class CoreText
{
    /// <summary>Number, mode, privilege level and what the core is doing.</summary>
    public static string Of(MachineCore core)
    {
        CpuState* s = core.Context.State;
        string mode = s->Mode switch
        {
            CpuMode.Real => "real mode",
            CpuMode.Virtual8086 => "virtual-8086 mode",
            CpuMode.Protected => "protected mode",
            CpuMode.Compatibility => "compatibility mode",
            _ => "64-bit mode",
        };
        string privilege = s->InSmm != 0 ? "SMM" : s->Cpl == 3 ? "user" : "kernel";
        string activity = s->Activity switch
        {
            ActivityState.Active => "active",
            ActivityState.Halted => "halted",
            ActivityState.MonitorWait => "waiting in MWAIT",
            ActivityState.WaitForSipi => "waiting for its start-up IPI",
            _ => "shut down",
        };
        return $"core {core.Index}: {mode}, {privilege}, {activity}, {core.Kind.ToString().ToLowerInvariant()} engine";
    }
}
