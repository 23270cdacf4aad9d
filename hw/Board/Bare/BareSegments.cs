using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <summary>Segments, control registers and the descriptor table that a <see cref="BareCore"/> starts with, by mode.</summary>
internal static unsafe class BareSegments
{
    /// <summary>Selectors of the descriptor table (<see cref="Descriptors"/>).</summary>
    private const ushort KernelCode = 0x08, KernelData = 0x10, UserData = 0x23, UserCode = 0x2B, Task = 0x30;

    private const ushort LongCode = 0x29B, FlatCode = 0xC9B, FlatData = 0xC93, BusyTask = 0x8B;
    private const ushort UserLevel = 3 << 5;
    private const uint TaskLimit = 0x67;

    /// <summary>XCR0 with x87, SSE and AVX.</summary>
    private const ulong AllVectorState = 7;

    private const ulong Cr0 = ControlBits.Cr0ExtensionType | ControlBits.Cr0Monitor | ControlBits.Cr0NumericError;
    private const ulong Cr4 = ControlBits.Cr4FxSave | ControlBits.Cr4SimdExceptions | ControlBits.Cr4Xsave;
    private const ulong Cr4Paged = Cr4 | ControlBits.Cr4Pae | ControlBits.Cr4FsGsBase | ControlBits.Cr4PerformanceCounters;

    /// <summary>
    /// The global descriptor table: null, ring 0 code of the mode, ring 0 data, ring 3 32-bit code, ring 3 data, ring 3 code of
    /// the mode, task (two entries in long mode), ring 0 32-bit code, ring 0 16-bit code, ring 0 16-bit data. SYSRET finds its
    /// selectors from 18h (AMD APM vol. 2, 4.8 and 6.1).
    /// </summary>
    public static ulong[] Descriptors(BareMode mode, ulong taskBase)
    {
        const ulong code32 = 0x00CF_9B00_0000_FFFF, code64 = 0x0020_9B00_0000_0000, data = 0x00CF_9300_0000_FFFF;
        const ulong userLevel = (ulong)UserLevel << 40;
        ulong code = mode == BareMode.Long64 ? code64 : code32;
        ulong task = TaskLimit | ((taskBase & 0xFF_FFFF) << 16) | ((ulong)BusyTask << 40) | ((taskBase & 0xFF00_0000) << 32);
        return
        [
            0, code, data, code32 | userLevel, data | userLevel, code | userLevel, task, taskBase >> 32,
            code32, 0x0000_9B00_0000_FFFF, 0x0000_9300_0000_FFFF,
        ];
    }

    /// <summary>Real mode with every selector 0, but for CS, which reaches the start address.</summary>
    public static void EnterReal(CpuState* s, ulong start)
    {
        const ulong segmentMask = 0xF_0000;
        ref SegmentRegister cs = ref CpuState.Segment(s, SegmentIndex.Cs);
        cs.Base = start & segmentMask;
        cs.Selector = (ushort)(cs.Base >> 4);
        s->Rip = start - cs.Base;
        s->Cr0 = Cr0;
        s->Cr4 = Cr4;
        s->Xcr0 = AllVectorState;
    }

    /// <summary>Protected or long mode, flat, paging on.</summary>
    public static void EnterPaged(CpuState* s, BareMode mode, bool user, ulong start, ulong tables, ulong system)
    {
        bool wide = mode == BareMode.Long64;
        ushort level = user ? UserLevel : (ushort)0;
        SegmentRegister data = new() { Selector = user ? UserData : KernelData, Attributes = (ushort)(FlatData | level), Limit = uint.MaxValue };
        for (SegmentIndex n = SegmentIndex.Es; n <= SegmentIndex.Gs; n++)
            CpuState.Segment(s, n) = data;
        CpuState.Segment(s, SegmentIndex.Cs) = new SegmentRegister
        {
            Selector = user ? UserCode : KernelCode,
            Attributes = (ushort)((wide ? LongCode : FlatCode) | level),
            Limit = uint.MaxValue,
        };
        CpuState.Segment(s, SegmentIndex.Tr) = new SegmentRegister { Selector = Task, Attributes = BusyTask, Limit = TaskLimit, Base = system + BareCore.TaskOffset };
        s->Gdtr.Base = system;
        s->Gdtr.Limit = (uint)(Descriptors(mode, 0).Length * sizeof(ulong)) - 1;
        s->Idtr.Limit = 0;
        s->Cr0 = Cr0 | ControlBits.Cr0Protection | ControlBits.Cr0Paging | ControlBits.Cr0WriteProtect;
        s->Cr3 = tables;
        s->Cr4 = Cr4Paged;
        s->Efer = ControlBits.EferNoExecute | ControlBits.EferSystemCall | (wide ? ControlBits.EferLongEnable | ControlBits.EferLongActive : 0);
        s->Xcr0 = AllVectorState;
        s->Cpl = user ? (byte)3 : (byte)0;
        s->Rip = start;
    }
}
