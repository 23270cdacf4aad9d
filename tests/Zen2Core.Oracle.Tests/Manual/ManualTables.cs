using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Instructions for descriptor tables, the machine status word and the task register (AMD APM vol. 3, revision 3.36, chapter 4).</summary>
internal static class ManualTables
{
    private const int Umip = 11;
    private const int LdtType = 2, AvailableTask = 9;

    public static void Register(Dictionary<Mnemonic, Action<ManualProcessor>> table)
    {
        table[Mnemonic.Sgdt] = p => StoreTable(p, p.S.Gdtr);
        table[Mnemonic.Sidt] = p => StoreTable(p, p.S.Idtr);
        table[Mnemonic.Lgdt] = p => p.S.Gdtr = LoadTable(p);
        table[Mnemonic.Lidt] = p => p.S.Idtr = LoadTable(p);
        table[Mnemonic.Sldt] = p => StoreWord(p, p.S.Segments[(int)SegmentIndex.Ldtr].Selector);
        table[Mnemonic.Str] = p => StoreWord(p, p.S.Segments[(int)SegmentIndex.Tr].Selector);
        table[Mnemonic.Smsw] = p => StoreWord(p, p.S.Cr0);
        table[Mnemonic.Lmsw] = LoadStatusWord;
        table[Mnemonic.Lldt] = LoadLocalTable;
        table[Mnemonic.Ltr] = LoadTask;
    }

    private static void Guarded(ManualProcessor p)
    {
        if (p.S.Cpl != 0 && p.Cr4(Umip))
            throw ManualException.Protection(0);
    }

    // Limit, then base: 64 bits in 64-bit code, 32 elsewhere.
    private static void StoreTable(ManualProcessor p, TableRegister register)
    {
        Guarded(p);
        int bytes = p.S.Is64Bit ? 8 : 4;
        p.Memory.CheckWrite(p.Address, 2 + bytes, p.S.Cpl);
        p.Memory.Store(p.Address, register.Limit, 2, p.S.Cpl);
        p.Memory.Store(p.Address + 2, register.Base, bytes, p.S.Cpl);
    }

    private static TableRegister LoadTable(ManualProcessor p)
    {
        p.NeedsLevel0();
        int bytes = p.S.Is64Bit ? 8 : 4;
        uint limit = (uint)p.Memory.Read(p.Address, 2, 0);
        ulong at = p.Memory.Read(p.Address + 2, bytes, 0);

        // With an operand size of 16 bits the base has 24.
        if (p.I.Code is Code.Lgdt_m1632_16 or Code.Lidt_m1632_16)
            at &= 0xFF_FFFF;
        if (!ManualProcessor.IsCanonical(at))
            throw ManualException.Protection(0);
        return new TableRegister { Base = at, Limit = limit };
    }

    private static void StoreWord(ManualProcessor p, ulong value)
    {
        Guarded(p);
        p.SetOperand(0, value, 2);
    }

    // PE can be set, never cleared.
    private static void LoadStatusWord(ManualProcessor p)
    {
        p.NeedsLevel0();
        const ulong protection = 1, loaded = 0xF;
        ulong value = p.Operand(0, 2);
        p.S.Cr0 = (p.S.Cr0 & ~(loaded & ~protection)) | (value & loaded);
    }

    private static void LoadLocalTable(ManualProcessor p)
    {
        p.NeedsLevel0();
        ushort selector = (ushort)p.Operand(0, 2);
        if (ManualDescriptors.IsNull(selector))
        {
            p.S.Segments[(int)SegmentIndex.Ldtr] = new SegmentRegister { Selector = selector };
            return;
        }

        p.S.Segments[(int)SegmentIndex.Ldtr] = System(p, selector, LdtType).Load(selector);
    }

    private static void LoadTask(ManualProcessor p)
    {
        p.NeedsLevel0();
        ushort selector = (ushort)p.Operand(0, 2);
        if (ManualDescriptors.IsNull(selector))
            throw ManualException.Protection(0);
        ManualDescriptor d = System(p, selector, AvailableTask);
        const ulong busy = 1UL << 41;
        d = d with { Low = d.Low | busy };
        p.Memory.Store(ManualDescriptors.Place(p.S, selector, 8)!.Value, d.Low, 8, 0);
        p.S.Segments[(int)SegmentIndex.Tr] = d.Load(selector);
    }

    // A system descriptor of the GDT, of one type; long mode's have 16 bytes and a base of 64 bits.
    private static ManualDescriptor System(ManualProcessor p, ushort selector, int type)
    {
        ulong error = ManualDescriptors.Error(selector);
        if ((selector & 4) != 0)
            throw ManualException.Protection(error);
        ManualDescriptor d = ManualDescriptors.Get(p, selector, wide: true);
        if (d.IsUser || d.Type != type)
            throw ManualException.Protection(error);
        if (!d.IsPresent)
            throw new ManualException(11, error);

        // The second half must not look like a descriptor: zeros where the type would be (vol. 2, 4.8.3).
        if (!ManualProcessor.IsCanonical(d.Base) || ((d.High >> 40) & 0x1F) != 0)
            throw ManualException.Protection(error);
        return d;
    }
}
