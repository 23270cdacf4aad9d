using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Instructions that load, store and examine segment registers (AMD APM vol. 3, revision 3.36, chapters 3 and 4; vol. 2, 4.8).</summary>
internal static class ManualSegments
{
    public static void Register(Dictionary<Mnemonic, Action<ManualProcessor>> table)
    {
        table[Mnemonic.Push] = p => p.Push(p.ReadRegister(p.I.Op0Register), StackBytes(p));
        table[Mnemonic.Pop] = Pop;
        table[Mnemonic.Lss] = p => LoadFar(p, SegmentIndex.Ss);
        table[Mnemonic.Lfs] = p => LoadFar(p, SegmentIndex.Fs);
        table[Mnemonic.Lgs] = p => LoadFar(p, SegmentIndex.Gs);
        table[Mnemonic.Lar] = p => Examine(p, LongModeLarTypes, d => d.Low >> 32 & 0x00FF_FF00);
        table[Mnemonic.Lsl] = p => Examine(p, LongModeLslTypes, d => d.Limit);
        table[Mnemonic.Verr] = p => Verify(p, d => d.IsReadable);
        table[Mnemonic.Verw] = p => Verify(p, d => d.IsWritableData);
    }

    private const int LongModeLarTypes = (1 << 2) | (1 << 9) | (1 << 11) | (1 << 12), LongModeLslTypes = (1 << 2) | (1 << 9) | (1 << 11);

    /// <summary>MOV from and to a segment register.</summary>
    public static void Move(ManualProcessor p)
    {
        if (p.I.Op0Kind == OpKind.Register && p.I.Op0Register.IsSegmentRegister())
        {
            if (p.I.Op0Register == Iced.Intel.Register.CS)
                throw ManualException.Undefined();
            Load(p, (SegmentIndex)p.I.Op0Register.GetNumber(), (ushort)p.Operand(1, 2));
            return;
        }

        // Memory receives the selector only, whatever the operand size.
        p.SetOperand(0, p.ReadRegister(p.I.Op1Register), 2);
    }

    /// <summary>Loads a data segment register with all checks.</summary>
    public static void Load(ManualProcessor p, SegmentIndex index, ushort selector)
    {
        int rpl = selector & 3;
        if (ManualDescriptors.IsNull(selector))
        {
            if (index == SegmentIndex.Ss && !(p.S.Is64Bit && p.S.Cpl != 3 && rpl == p.S.Cpl))
                throw ManualException.Protection(0);

            // Zen 2 clears what the register held before.
            p.S.Segments[(int)index] = new SegmentRegister { Selector = selector };
            return;
        }

        ulong error = ManualDescriptors.Error(selector);
        ManualDescriptor d = ManualDescriptors.Get(p, selector, wide: false);
        if (index == SegmentIndex.Ss)
        {
            if (rpl != p.S.Cpl || !d.IsWritableData || d.Dpl != p.S.Cpl)
                throw ManualException.Protection(error);
            if (!d.IsPresent)
                throw new ManualException(12, error);
        }
        else
        {
            if (!d.IsReadable || (!d.IsConforming && d.Dpl < Math.Max(p.S.Cpl, rpl)))
                throw ManualException.Protection(error);
            if (!d.IsPresent)
                throw new ManualException(11, error);
        }

        p.S.Segments[(int)index] = ManualDescriptors.MarkAccessed(p, selector, d).Load(selector);
    }

    private static int StackBytes(ManualProcessor p) => p.I.Code switch
    {
        Code.Pushw_FS or Code.Pushw_GS or Code.Popw_FS or Code.Popw_GS => 2,
        Code.Pushd_FS or Code.Pushd_GS or Code.Popd_FS or Code.Popd_GS => 4,
        _ => 8,
    };

    private static void Pop(ManualProcessor p)
    {
        int bytes = StackBytes(p);
        Load(p, (SegmentIndex)p.I.Op0Register.GetNumber(), (ushort)p.Peek(0, bytes));
        p.Drop(bytes);
    }

    private static void LoadFar(ManualProcessor p, SegmentIndex index)
    {
        int bytes = p.I.Op0Register.GetSize();
        ulong offset = p.Memory.Read(p.Address, bytes, p.S.Cpl);
        Load(p, index, (ushort)p.Memory.Read(p.Address + (ulong)bytes, 2, p.S.Cpl));
        p.SetRegister(p.I.Op0Register, offset);
    }

    private static void Examine(ManualProcessor p, int systemTypes, Func<ManualDescriptor, ulong> result)
    {
        ushort selector = (ushort)p.Operand(1, 2);
        ManualDescriptor? found = Visible(p, selector);
        bool valid = found is ManualDescriptor d && (d.IsUser || (systemTypes & (1 << d.Type)) != 0);
        p.SetFlag(ManualProcessor.Zero, valid);
        if (valid)
            p.SetRegister(p.I.Op0Register, result(found!.Value));
    }

    private static void Verify(ManualProcessor p, Func<ManualDescriptor, bool> allows) =>
        p.SetFlag(ManualProcessor.Zero, Visible(p, (ushort)p.Operand(0, 2)) is { IsUser: true } d && allows(d));

    // The descriptor, unless the program's level hides it. Presence does not matter.
    private static ManualDescriptor? Visible(ManualProcessor p, ushort selector)
    {
        if (ManualDescriptors.IsNull(selector) || ManualDescriptors.Find(p, selector, wide: false) is not ManualDescriptor d)
            return null;
        return d.IsConforming || d.Dpl >= Math.Max(p.S.Cpl, selector & 3) ? d : null;
    }
}
