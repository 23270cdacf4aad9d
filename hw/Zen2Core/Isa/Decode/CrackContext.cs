using System.Runtime.InteropServices;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>
/// One instruction on its way to micro-ops: what a row of the form table works with. Micro-ops are emitted in program order
/// into a buffer; <see cref="Finish"/> marks the first and the last.
/// </summary>
internal sealed unsafe class CrackContext : IDisposable
{
    /// <summary>Most micro-ops that one instruction may crack into.</summary>
    public const int Capacity = 64;

    private readonly MicroOp* _ops = (MicroOp*)NativeMemory.AlignedAlloc((nuint)(Capacity * sizeof(MicroOp)), 64);
    private readonly nint[] _withoutFlags = new nint[Capacity];
    private Instruction _instruction;
    private byte* _bytes;

    /// <summary>The instruction.</summary>
    public ref readonly Instruction Instruction => ref _instruction;

    /// <summary>Decode mode.</summary>
    public byte ModeKey { get; private set; }

    /// <summary>16, 32 or 64.</summary>
    public int CodeBits => ModeKeys.CodeBits(ModeKey);

    /// <summary>Stack address size in bytes.</summary>
    public byte StackBytes => ModeKeys.StackBytes(ModeKey);

    /// <summary>Micro-ops emitted so far.</summary>
    public int Count { get; private set; }

    /// <summary>The micro-ops.</summary>
    public MicroOp* Ops => _ops;

    /// <summary>The bytes of the instruction; valid until its micro-ops are emitted.</summary>
    public ReadOnlySpan<byte> Bytes => new(_bytes, _instruction.Length);

    /// <summary>Starts an instruction.</summary>
    /// <param name="instruction">As decoded.</param>
    /// <param name="bytes">Its bytes, at an address that does not move.</param>
    /// <param name="modeKey">Decode mode.</param>
    public void Begin(in Instruction instruction, byte* bytes, byte modeKey)
    {
        _instruction = instruction;
        _bytes = bytes;
        ModeKey = modeKey;
        Count = 0;
    }

    /// <summary>Emits a micro-op with no operands; the caller fills in the rest.</summary>
    /// <param name="kind">Row of <see cref="MicroOpKinds"/>.</param>
    /// <param name="handler">Address of the functional handler.</param>
    public MicroOp* Emit(ushort kind, nint handler)
    {
        MicroOp* op = _ops + Count;
        _withoutFlags[Count++] = 0;
        *op = default;
        op->Handler = (delegate*<CpuState*, MicroOp*, MicroOp*>)handler;
        op->Kind = kind;
        op->Class = MicroOpKinds.Row(kind).Class;
        op->Rip = _instruction.IP;
        op->Length = (byte)_instruction.Length;
        op->Form = (ushort)_instruction.Code;
        op->Dst = op->Dst2 = op->A = op->B = op->C = Reg.None;
        op->Base = op->Index = Reg.Zero;
        op->Segment = SegmentIndex.Ds;
        op->AddressWidth = 8;
        return op;
    }

    /// <summary>Gives the last micro-op a handler to use when its flags are dead.</summary>
    public void SetHandlerWithoutFlags(nint handler) => _withoutFlags[Count - 1] = handler;

    /// <summary>Handler of micro-op <paramref name="index"/> for dead flags, or 0.</summary>
    public nint HandlerWithoutFlags(int index) => _withoutFlags[index];

    /// <summary>Marks the ends of the instruction.</summary>
    public void Finish()
    {
        _ops[0].Marks |= MicroOpMarks.First;
        _ops[Count - 1].Marks |= MicroOpMarks.Last;
    }

    /// <summary>Register operand <paramref name="n"/>.</summary>
    public ushort Register(int n) => RegisterMap.Offset(_instruction.GetOpRegister(n));

    /// <summary>True when operand <paramref name="n"/> is a register.</summary>
    public bool IsRegister(int n) => _instruction.GetOpKind(n) == OpKind.Register;

    /// <summary>True when operand <paramref name="n"/> is an ordinary memory operand.</summary>
    public bool IsMemory(int n) => _instruction.GetOpKind(n) == OpKind.Memory;

    /// <summary>True when operand <paramref name="n"/> is an immediate.</summary>
    public bool IsImmediate(int n) => _instruction.GetOpKind(n) is >= OpKind.Immediate8 and <= OpKind.Immediate32to64;

    /// <summary>Immediate operand <paramref name="n"/>, sign-extended as the form says.</summary>
    public ulong Immediate(int n) => _instruction.GetImmediate(n);

    /// <summary>Size in bytes of operand <paramref name="n"/>, a register or memory.</summary>
    public int OperandBytes(int n) => IsMemory(n) ? _instruction.MemorySize.GetSize() : _instruction.GetOpRegister(n).GetSize();

    /// <summary>Fills in the instruction's memory operand.</summary>
    /// <param name="op">The micro-op.</param>
    /// <param name="bytes">Bytes accessed; 0 for LEA.</param>
    public void SetMemory(MicroOp* op, int bytes)
    {
        op->AccessSize = (byte)bytes;
        op->Segment = RegisterMap.Segment(_instruction.MemorySegment);
        op->Disp = (long)_instruction.MemoryDisplacement64;
        op->AddressWidth = AddressBytes();
        Register baseRegister = _instruction.MemoryBase;
        if (baseRegister is not (Iced.Intel.Register.None or Iced.Intel.Register.RIP or Iced.Intel.Register.EIP))
            op->Base = RegisterMap.Offset(baseRegister);
        if (_instruction.MemoryIndex != Iced.Intel.Register.None)
        {
            op->Index = RegisterMap.Offset(_instruction.MemoryIndex);
            op->Scale = (byte)(_instruction.MemoryIndexScale >> 1 == 4 ? 3 : _instruction.MemoryIndexScale >> 1);
        }
    }

    /// <summary>Makes the micro-op access the stack at stack pointer plus <paramref name="displacement"/>.</summary>
    public void SetStack(MicroOp* op, int displacement, int bytes)
    {
        op->AccessSize = (byte)bytes;
        op->Segment = SegmentIndex.Ss;
        op->AddressWidth = StackBytes;
        op->Base = Reg.Rsp;
        op->Disp = displacement;
    }

    /// <summary>Address size of the memory operand: 2, 4 or 8 bytes.</summary>
    public byte AddressBytes()
    {
        Register register = _instruction.MemoryBase != Iced.Intel.Register.None ? _instruction.MemoryBase : _instruction.MemoryIndex;
        if (register.IsGPR() || register is Iced.Intel.Register.RIP or Iced.Intel.Register.EIP)
            return (byte)register.GetSize();
        return _instruction.MemoryDisplSize switch
        {
            2 => 2,
            8 => 8,
            4 when CodeBits == 64 => 4,
            4 => 4,
            _ => (byte)(CodeBits / 8),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_ops);
}
