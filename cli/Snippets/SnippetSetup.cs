using System.Numerics;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Cli.Snippets;

/// <summary>Puts a core, its memory and its registers into a snippet's initial state.</summary>
internal static unsafe class SnippetSetup
{
    private const ulong Empty = 0xFFFF;

    /// <summary>Resets the core and sets everything up.</summary>
    /// <param name="core">The core.</param>
    /// <param name="request">The snippet.</param>
    /// <param name="code">Its machine code, or another that takes its place.</param>
    public static void Apply(BareCore core, SnippetRequest request, byte[] code)
    {
        core.Reset(request.Mode, request.User, request.Start);
        bool codeIsMapped = false;
        foreach (MemoryMapping map in request.Maps)
        {
            bool hasCode = map.Contains(request.At, 1);
            if (map.IsLarge)
                core.Reserve(map.Address, map.Length, map.Access);
            core.Map(map.Address, map.IsLarge ? (ulong)map.Content.Length : map.Length, map.Access);
            if (hasCode)
                core.Map(request.At, (ulong)code.Length, map.Access);
            core.Write(map.Address, map.Content);
            codeIsMapped |= hasCode;
        }
        if (!codeIsMapped)
            core.Map(request.At, (ulong)code.Length, BareAccess.Write | BareAccess.Execute);
        core.Write(request.At, code);
        if (request.HasStack)
            core.Map(SnippetRequest.StackBase, SnippetRequest.StackBytes, BareAccess.Write);
        core.State->Gpr[4] = request.Mode == BareMode.Real16 ? SnippetRequest.RealStackPointer : SnippetRequest.StackPointer;
        foreach (RegisterValue value in request.Set)
            Set(core, value, request.Mode);
        core.Context.RefreshMode();
        core.Context.Virtual.Flush();
    }

    private static void Set(BareCore core, RegisterValue setting, BareMode mode)
    {
        CpuState* s = core.State;
        int index = setting.Register.Index;
        BigInteger value = setting.Value;
        switch (setting.Register.Kind)
        {
            case RegisterKind.General:
                s->Gpr[index] = (ulong)value;
                break;
            case RegisterKind.Flags:
                s->SetRFlags((ulong)value & ~(ulong)SystemFlagBits.VM);
                break;
            case RegisterKind.Flag:
                ulong mask = ((1UL << setting.Register.Bits) - 1) << index;
                if (setting.Word.StartsWith("iopl", StringComparison.OrdinalIgnoreCase))
                    mask = SystemFlagBits.Iopl;
                s->SetRFlags((s->RFlags & ~mask) | (((ulong)value << index) & mask));
                break;
            case RegisterKind.Xmm or RegisterKind.Ymm:
                for (int n = 0; n < 4; n++)
                    s->Vec[(index * 4) + n] = (ulong)((value >> (64 * n)) & ulong.MaxValue);
                break;
            case RegisterKind.Stack:
                s->X87.Registers[index * 2] = (ulong)(value & ulong.MaxValue);
                s->X87.Registers[(index * 2) + 1] = (ulong)(value >> 64);
                SetTag(s, index, (ulong)(value & ulong.MaxValue), (int)(value >> 64) & 0x7FFF);
                break;
            case RegisterKind.Mmx:
                s->X87.Registers[index * 2] = (ulong)value;
                s->X87.Registers[(index * 2) + 1] = Empty;
                s->X87.Tag &= (ushort)~(3 << (index * 2));
                break;
            case RegisterKind.Mxcsr:
                s->Mxcsr = (uint)value;
                break;
            case RegisterKind.X87Control:
                s->X87.Control = (ushort)value;
                break;
            case RegisterKind.X87Status:
                s->X87.Status = (ushort)value;
                break;
            case RegisterKind.Control:
                SetControl(s, index, (ulong)value);
                break;
            case RegisterKind.Debug:
                s->Dr[index] = (ulong)value;
                break;
            case RegisterKind.Selector:
                SetSelector(s, (SegmentIndex)index, (ushort)value, mode);
                break;
            case RegisterKind.SegmentBase:
                CpuState.Segment(s, (SegmentIndex)index).Base = (ulong)value;
                break;
            case RegisterKind.SegmentLimit:
                CpuState.Segment(s, (SegmentIndex)index).Limit = (uint)value;
                break;
            case RegisterKind.TimeStampCounter:
                s->TscOffset = (ulong)value;
                break;
            default:
                // The instruction pointer was given to the reset.
                break;
        }
    }

    private static void SetControl(CpuState* s, int index, ulong value)
    {
        switch (index)
        {
            case 0:
                s->Cr0 = value | CoSim.Hw.Zen2Core.Privileged.ControlBits.Cr0ExtensionType;
                break;
            case 2:
                s->Cr2 = value;
                break;
            default:
                s->Cr4 = value & CoSim.Hw.Zen2Core.Privileged.ControlBits.Cr4Implemented;
                break;
        }
    }

    private static void SetSelector(CpuState* s, SegmentIndex segment, ushort selector, BareMode mode)
    {
        ref SegmentRegister register = ref CpuState.Segment(s, segment);
        ulong linear = register.Base + s->Rip;
        register.Selector = selector;
        if (mode != BareMode.Real16)
            return;
        register.Base = (ulong)selector << 4;
        if (segment == SegmentIndex.Cs)
            s->Rip = (linear - register.Base) & 0xFFFF;
    }

    /// <summary>The tag of a value (AMD APM vol. 1, 6.2.4): valid 0, zero 1, special 2.</summary>
    private static void SetTag(CpuState* s, int index, ulong significand, int exponent)
    {
        int tag = exponent == 0 && significand == 0 ? 1 : exponent is 0 or 0x7FFF || significand >> 63 == 0 ? 2 : 0;
        s->X87.Tag = (ushort)((s->X87.Tag & ~(3 << (index * 2))) | (tag << (index * 2)));
    }
}
