using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>The AMD64 SMM state-save area, 512 bytes at SMBASE + FE00h (AMD APM vol. 2, table 10-1); offsets here count from FE00h.</summary>
internal readonly unsafe ref struct SaveArea
{
    private const uint Start = 0xFE00, Length = 0x200;
    private const int RestartRip = 0xA0, RestartRcx = 0xA8, RestartRsi = 0xB0, RestartRdi = 0xB8, Trap = 0xC0, RestartInput = 0xC8,
        RestartHalt = 0xC9, Efer = 0xD0, Revision = 0xFC, Base = 0x100, Cr4 = 0x148, Cr3 = 0x150, Cr0 = 0x158, Dr7 = 0x160, Dr6 = 0x168,
        Flags = 0x170, Rip = 0x178, Registers = 0x180;

    /// <summary>Level 64h, with I/O restart (bit 16) and SMBASE relocation (bit 17).</summary>
    private const uint RevisionValue = 0x0003_0064;

    private readonly byte[] _bytes = new byte[Length];

    public SaveArea()
    {
    }

    /// <summary>False for control registers that would fault when loaded.</summary>
    public bool IsLegal
    {
        get
        {
            ulong cr0 = Get64(Cr0), cr4 = Get64(Cr4), efer = Get64(Efer);
            bool paging = (cr0 & ControlBits.Cr0Paging) != 0, active = (efer & ControlBits.EferLongActive) != 0;
            return cr0 >> 32 == 0 && (!paging || (cr0 & ControlBits.Cr0Protection) != 0)
                && ((cr0 & ControlBits.Cr0NotWriteThrough) == 0 || (cr0 & ControlBits.Cr0CacheDisable) != 0)
                && (cr4 & ~ControlBits.Cr4Implemented) == 0 && (efer & ~ControlBits.EferImplemented) == 0
                && (!active || (paging && (cr4 & ControlBits.Cr4Pae) != 0)) && Get64(Dr6) >> 32 == 0 && Get64(Dr7) >> 32 == 0;
        }
    }

    /// <summary>Takes the core's state.</summary>
    public void Fill(CoreContext core, uint smmBase)
    {
        CpuState* s = core.State;
        for (int n = 0; n < 6; n++)
            PutSegment(n * 0x10, CpuState.Segment(s, (SegmentIndex)n));
        PutTable(0x60, s->Gdtr);
        PutSegment(0x70, CpuState.Segment(s, SegmentIndex.Ldtr));
        PutTable(0x80, s->Idtr);
        PutSegment(0x90, CpuState.Segment(s, SegmentIndex.Tr));
        IoInstruction last = core.LastIo;
        if (last.Executed + 1 == s->Executed || (last.Executed == s->Executed && last.Rip == s->Rip))
        {
            Put64(RestartRip, last.Rip);
            Put64(RestartRcx, last.Rcx);
            Put64(RestartRsi, last.Rsi);
            Put64(RestartRdi, last.Rdi);
            Put32(Trap, last.Trap);
        }

        _bytes[RestartHalt] = s->Activity == ActivityState.Halted ? (byte)1 : (byte)0;
        Put64(Efer, s->Efer);
        Put32(Revision, RevisionValue);
        Put32(Base, smmBase);
        Put64(Cr4, s->Cr4);
        Put64(Cr3, s->Cr3);
        Put64(Cr0, s->Cr0);
        Put64(Dr7, s->Dr[7]);
        Put64(Dr6, s->Dr[6]);
        Put64(Flags, s->RFlags);
        Put64(Rip, s->Rip);
        for (int n = 0; n < 16; n++)
            Put64(RegisterAt(n), s->Gpr[n]);
    }

    /// <summary>Loads the core's state; it is legal.</summary>
    public void Restore(CoreContext core)
    {
        CpuState* s = core.State;
        for (int n = 0; n < 6; n++)
            CpuState.Segment(s, (SegmentIndex)n) = GetSegment(n * 0x10);
        s->Gdtr = GetTable(0x60);
        CpuState.Segment(s, SegmentIndex.Ldtr) = GetSegment(0x70);
        s->Idtr = GetTable(0x80);
        CpuState.Segment(s, SegmentIndex.Tr) = GetSegment(0x90);
        s->Efer = Get64(Efer);
        s->Cr4 = Get64(Cr4);
        s->Cr0 = (Get64(Cr0) & ControlRegisterMicrocode.Cr0Implemented) | ControlBits.Cr0ExtensionType;
        s->Dr[7] = (Get64(Dr7) & Dr7Bits.Writable) | Dr7Bits.AlwaysOne;
        s->Dr[6] = (Get64(Dr6) & Dr6Bits.Writable) | Dr6Bits.AlwaysOne;
        s->SetRFlags(Get64(Flags));
        // RF counts for the instruction behind RSM, which retires now.
        s->ResumeAt = s->Executed + 1;
        s->Rip = Get64(Rip);
        for (int n = 0; n < 16; n++)
            s->Gpr[n] = Get64(RegisterAt(n));
        MsrTable.Set(s, MsrNumbers.SmmBase, Get32(Base));
        bool real = (s->Cr0 & ControlBits.Cr0Protection) == 0;
        s->Cpl = real ? (byte)0
            : (s->SystemFlags & SystemFlagBits.VM) != 0 ? (byte)3 : (byte)(CpuState.Segment(s, SegmentIndex.Cs).Selector & 3);
        core.RefreshMode();
        if (!ControlRegisterMicrocode.WriteCr3(core, Get64(Cr3)))
            s->Cr3 = Get64(Cr3);
        if (_bytes[RestartInput] == 0xFF)
        {
            s->Rip = Get64(RestartRip);
            s->Gpr[1] = Get64(RestartRcx);
            s->Gpr[6] = Get64(RestartRsi);
            s->Gpr[7] = Get64(RestartRdi);
        }

        if ((_bytes[RestartHalt] & 1) != 0)
        {
            s->Activity = ActivityState.Halted;
            core.RequestAttention();
        }
    }

    /// <summary>Writes the area to memory; where there is none, it is lost.</summary>
    public void Store(CoreContext core, uint smmBase)
    {
        ulong at = smmBase + (ulong)Start;
        if (core.Memory.IsMemory(at, (int)Length) && core.Memory.PointerTo(at, out bool writable) != null && writable)
            core.Memory.Write(smmBase + (ulong)Start, _bytes);
        else
            core.Probe.OnUnmodelled(core, $"SMI with its save area at {smmBase + (ulong)Start:X}h, where there is no RAM");
    }

    /// <summary>Reads it; where there is no memory, ones.</summary>
    public void Load(CoreContext core, uint smmBase)
    {
        if (core.Memory.IsMemory(smmBase + (ulong)Start, (int)Length))
            core.Memory.Read(smmBase + (ulong)Start, _bytes);
        else
            Array.Fill(_bytes, (byte)0xFF);
    }

    /// <summary>R15 comes first, RAX last, in encoding order.</summary>
    private static int RegisterAt(int number) => Registers + (15 - number) * 8;


    private void PutSegment(int at, in SegmentRegister segment)
    {
        // Attributes: descriptor bits 40-47 in 0-7, bits 52-55 (AVL, L, D/B, G) in 12-15.
        int attributes = (segment.Attributes & 0xFF) | ((segment.Attributes & 0xF00) << 4);
        Put16(at, segment.Selector);
        Put16(at + 2, (ushort)attributes);
        Put32(at + 4, segment.Limit);
        Put64(at + 8, segment.Base);
    }

    private SegmentRegister GetSegment(int at)
    {
        int attributes = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(at + 2));
        return new SegmentRegister
        {
            Selector = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(at)),
            Attributes = (ushort)((attributes & 0xFF) | ((attributes >> 4) & 0xF00)),
            Limit = Get32(at + 4),
            Base = Get64(at + 8),
        };
    }

    private void PutTable(int at, in TableRegister table)
    {
        Put16(at + 4, (ushort)table.Limit);
        Put64(at + 8, table.Base);
    }

    private TableRegister GetTable(int at)
    {
        TableRegister table = default;
        table.Limit = (ushort)Get32(at + 4);
        table.Base = Get64(at + 8);
        return table;
    }

    private void Put16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(at), value);

    private void Put32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at), value);

    private void Put64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(at), value);

    private uint Get32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(at));

    private ulong Get64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(at));
}
