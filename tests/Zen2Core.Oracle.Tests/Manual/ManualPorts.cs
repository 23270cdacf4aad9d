using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>Ports, the flags that guard them, and moves that programs share with nobody (AMD APM vol. 2, 12.2.4; vol. 3, IN, INS, OUT, OUTS, CLI, STI, POPF).</summary>
internal static class ManualPorts
{
    private const uint InterruptFlag = 0x200, Direction = 0x400, NestedTask = 0x4000, ResumeFlag = 0x1_0000, IoLevel = 0x3000;
    private const uint PoppedAlways = ManualProcessor.ArithmeticFlags | 0x100 | Direction | NestedTask, PoppedWide = 0x4_0000 | 0x20_0000;
    private const int Cr4ProtectedVirtualInterrupts = 1, MapBase = 0x66;

    public static void Register(Dictionary<Mnemonic, Action<ManualProcessor>> table)
    {
        table[Mnemonic.In] = p => p.SetRegister(p.I.Op0Register, Input(p, Port(p, 1), p.I.Op0Register.GetSize()));
        table[Mnemonic.Out] = p => Output(p, Port(p, 0), p.I.Op1Register.GetSize(), p.ReadRegister(p.I.Op1Register));
        table[Mnemonic.Insb] = p => InputString(p, 1);
        table[Mnemonic.Insw] = p => InputString(p, 2);
        table[Mnemonic.Insd] = p => InputString(p, 4);
        table[Mnemonic.Outsb] = p => OutputString(p, 1);
        table[Mnemonic.Outsw] = p => OutputString(p, 2);
        table[Mnemonic.Outsd] = p => OutputString(p, 4);
        table[Mnemonic.Cli] = p => SetInterrupts(p, false);
        table[Mnemonic.Sti] = p => SetInterrupts(p, true);
        table[Mnemonic.Popf] = p => PopFlags(p, 2);
        table[Mnemonic.Popfd] = p => PopFlags(p, 4);
        table[Mnemonic.Popfq] = p => PopFlags(p, 8);
        table[Mnemonic.Clac] = p => SetAlignmentFlag(p, false);
        table[Mnemonic.Stac] = p => SetAlignmentFlag(p, true);
        table[Mnemonic.Xlatb] = p => p.SetRegister(Iced.Intel.Register.AL, p.Memory.Read(Table(p), 1, p.S.Cpl));
    }

    /// <summary>MOV between the accumulator and an absolute address of 64 bits.</summary>
    public static void MoveAbsolute(ManualProcessor p)
    {
        if (p.I.Op0Kind == OpKind.Memory)
            p.Memory.Store(p.Address, p.ReadRegister(p.I.Op1Register), p.I.Op1Register.GetSize(), p.S.Cpl);
        else
            p.SetRegister(p.I.Op0Register, p.Memory.Read(p.Address, p.I.Op0Register.GetSize(), p.S.Cpl));
    }

    private static ushort Port(ManualProcessor p, int operand) => (ushort)p.Operand(operand, 2);

    private static ulong Table(ManualProcessor p)
    {
        Register segment = p.I.MemorySegment;
        ulong at = p.S.Gpr[3] + (p.S.Gpr[0] & 0xFF) + (segment is Iced.Intel.Register.FS or Iced.Intel.Register.GS ? p.S.Segments[segment.GetNumber()].Base : 0);
        return p.S.Is64Bit && p.I.MemoryBase == Iced.Intel.Register.RBX ? at : (uint)at;
    }

    // Above the I/O level every port's bit in the task's map must be clear, and the map must reach that far.
    private static void Check(ManualProcessor p, ushort port, int bytes)
    {
        if (p.S.Cpl <= p.Iopl)
            return;
        SegmentRegister task = p.S.Segments[(int)SegmentIndex.Tr];
        ulong at = p.Memory.Read(task.Base + MapBase, 2, 0) + (ulong)(port / 8);
        if (at + 1 > task.Limit)
            throw ManualException.Protection(0);
        ulong map = p.Memory.Read(task.Base + at, 2, 0) >> (port & 7);
        if ((map & ((1UL << bytes) - 1)) != 0)
            throw ManualException.Protection(0);
    }

    private static ulong Input(ManualProcessor p, ushort port, int bytes)
    {
        Check(p, port, bytes);
        return ManualDevice.Value(port, bytes);
    }

    private static void Output(ManualProcessor p, ushort port, int bytes, ulong value)
    {
        Check(p, port, bytes);
        p.S.Msr[ManualDevice.Written] = ManualDevice.Record(port, bytes, (uint)value);
    }

    private static void InputString(ManualProcessor p, int bytes)
    {
        ulong value = Input(p, (ushort)p.S.Gpr[2], bytes);
        p.Memory.Store(p.S.Is64Bit ? p.S.Gpr[7] : (uint)p.S.Gpr[7], value, bytes, p.S.Cpl);
        Step(p, 7, bytes);
    }

    private static void OutputString(ManualProcessor p, int bytes)
    {
        ushort port = (ushort)p.S.Gpr[2];
        Check(p, port, bytes);
        Output(p, port, bytes, p.Memory.Read(p.S.Is64Bit ? p.S.Gpr[6] : (uint)p.S.Gpr[6], bytes, p.S.Cpl));
        Step(p, 6, bytes);
    }

    private static void Step(ManualProcessor p, int register, int bytes)
    {
        ulong next = p.S.Gpr[register] + (ulong)((p.S.Rflags & Direction) != 0 ? -bytes : bytes);
        p.S.Gpr[register] = p.S.Is64Bit ? next : (uint)next;
    }

    private static void SetInterrupts(ManualProcessor p, bool enable)
    {
        if (p.S.Cpl > p.Iopl)
        {
            // Protected-mode virtual interrupts give level 3 a flag of its own; VIP is never set here.
            if (p.S.Cpl != 3 || !p.Cr4(Cr4ProtectedVirtualInterrupts))
                throw ManualException.Protection(0);
            p.SetFlag(1 << 19, enable);
            return;
        }

        p.SetFlag(InterruptFlag, enable);
    }

    private static void PopFlags(ManualProcessor p, int bytes)
    {
        ulong value = p.Peek(0, bytes);
        uint taken = PoppedAlways | (bytes > 2 ? PoppedWide : 0) | (p.S.Cpl == 0 ? IoLevel : 0) | (p.S.Cpl <= p.Iopl ? InterruptFlag : 0);
        p.S.Rflags = ((p.S.Rflags & ~(ulong)taken) | (value & taken)) & ~(ulong)ResumeFlag;
        p.Drop(bytes);
    }

    private static void SetAlignmentFlag(ManualProcessor p, bool value)
    {
        if (p.S.Cpl != 0)
            throw ManualException.Undefined();
        p.SetFlag(1 << 18, value);
    }
}

/// <summary>A device whose reads tell port and width, and which keeps the last write.</summary>
internal sealed class ManualDevice : IPortDevice
{
    /// <summary>Where the last write stands among the model-specific registers of a <see cref="ManualState"/>: no processor has this one.</summary>
    public const uint Written = 0xFFFF_FFFF;

    /// <summary>The last write, as <see cref="Record"/> makes it; 0 when there was none.</summary>
    public ulong Last { get; set; }

    public static uint Value(ushort port, int bytes) => (uint)ManualProcessor.Truncate(0xA500_5A00 ^ (port * 0x0101_0101U), bytes);

    public static ulong Record(ushort port, int bytes, uint value) => ((ulong)port << 48) | ((ulong)(uint)bytes << 40) | value;

    public uint ReadPort(ushort port, int size) => Value(port, size);

    public void WritePort(ushort port, int size, uint value) => Last = Record(port, size, value);
}
