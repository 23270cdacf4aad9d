using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Cli.Debug.Target;

/// <summary>Registers that system software sees. They are shown; a debugger changes only the bases of FS and GS.</summary>
internal static unsafe class SystemRegisters
{
    private const string BasesFeature = "org.gnu.gdb.i386.segments";
    private const string SystemFeature = "org.cosim.x86.system";

    private delegate ulong StateReader(CpuState* s);

    /// <summary>Bases of FS and GS.</summary>
    public static IReadOnlyList<TargetRegister> Bases()
    {
        List<TargetRegister> all = [];
        all.Add(Base("fs_base", SegmentIndex.Fs));
        all.Add(Base("gs_base", SegmentIndex.Gs));
        return all;
    }

    /// <summary>Control and debug registers, descriptor tables, segment bases, and the MSRs that timekeeping and system calls use.</summary>
    public static IReadOnlyList<TargetRegister> System()
    {
        List<TargetRegister> all = [];
        all.Add(Shown("cr0", s => s->Cr0));
        all.Add(Shown("cr2", s => s->Cr2));
        all.Add(Shown("cr3", s => s->Cr3));
        all.Add(Shown("cr4", s => s->Cr4));
        all.Add(Shown("efer", s => s->Efer));
        all.Add(Shown("xcr0", s => s->Xcr0));
        all.Add(Shown("cpl", s => s->Cpl));
        foreach (int n in (int[])[0, 1, 2, 3, 6, 7])
            all.Add(Shown($"dr{n}", s => s->Dr[n]));
        all.Add(Shown("cs_base", s => CpuState.Segment(s, SegmentIndex.Cs).Base));
        all.Add(Shown("ss_base", s => CpuState.Segment(s, SegmentIndex.Ss).Base));
        all.Add(Shown("ds_base", s => CpuState.Segment(s, SegmentIndex.Ds).Base));
        all.Add(Shown("es_base", s => CpuState.Segment(s, SegmentIndex.Es).Base));
        all.Add(Shown("tr", s => CpuState.Segment(s, SegmentIndex.Tr).Selector));
        all.Add(Shown("tr_base", s => CpuState.Segment(s, SegmentIndex.Tr).Base));
        all.Add(Shown("ldtr", s => CpuState.Segment(s, SegmentIndex.Ldtr).Selector));
        all.Add(Shown("gdtr_base", s => s->Gdtr.Base));
        all.Add(Shown("gdtr_limit", s => s->Gdtr.Limit));
        all.Add(Shown("idtr_base", s => s->Idtr.Base));
        all.Add(Shown("idtr_limit", s => s->Idtr.Limit));
        all.Add(Of("tsc", core => core.Context.TscAt(core.Cycle)));
        all.Add(Of("instructions", core => core.Instructions));
        foreach ((string name, uint number) in (ReadOnlySpan<(string, uint)>)
            [
                ("pat", MsrNumbers.Pat), ("star", MsrNumbers.Star), ("lstar", MsrNumbers.LongStar),
                ("cstar", MsrNumbers.CompatibilityStar), ("sfmask", MsrNumbers.SystemCallMask), ("kernel_gs_base", MsrNumbers.KernelGsBase),
                ("tsc_aux", MsrNumbers.TscAux), ("hwcr", MsrNumbers.Hwcr),
            ])
        {
            all.Add(Shown(name, s => MsrTable.Value(s, number)));
        }
        return all;
    }

    private static TargetRegister Base(string name, SegmentIndex index) => new(
        BasesFeature,
        name,
        64,
        "int64",
        (core, value) => BinaryPrimitives.WriteUInt64LittleEndian(value, CpuState.Segment(core.Context.State, index).Base),
        (core, value) =>
        {
            CpuState.Segment(core.Context.State, index).Base = BinaryPrimitives.ReadUInt64LittleEndian(value);
            return true;
        });

    private static TargetRegister Shown(string name, StateReader read) => Of(name, core => read(core.Context.State));

    private static TargetRegister Of(string name, Func<MachineCore, ulong> read) =>
        new(SystemFeature, name, 64, "int64", (core, value) => BinaryPrimitives.WriteUInt64LittleEndian(value, read(core)), null) { Group = "system" };
}
