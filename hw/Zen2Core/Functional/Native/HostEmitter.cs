namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>
/// Writes host x86-64 instructions (AMD APM vol. 3, 1.2-1.6 on their encoding). It knows only what the translator needs: an
/// instruction costs a few nanoseconds here.
/// </summary>
internal sealed unsafe class HostEmitter
{
    private const int OperandSizePrefix = 0x66;
    private const int TwoByteMap = 0x0F00;

    private readonly byte* _base;

    public HostEmitter(byte* writeBase) => _base = writeBase;

    /// <summary>Offset of the next byte.</summary>
    public int Position { get; set; }

    public void Byte(int value) => _base[Position++] = (byte)value;

    public void Int32(int value)
    {
        *(int*)(_base + Position) = value;
        Position += 4;
    }

    public void Int64(long value)
    {
        *(long*)(_base + Position) = value;
        Position += 8;
    }

    /// <summary>An instruction with a ModRM byte.</summary>
    /// <param name="opcode">One byte, or 0F00h plus the second byte.</param>
    /// <param name="size">Operand size in bytes: 1, 2, 4, 8.</param>
    /// <param name="register">Register number or opcode extension.</param>
    /// <param name="operand">Register or memory.</param>
    /// <param name="byteOperand">The operand is a byte whatever the size.</param>
    /// <param name="prefix">Mandatory prefix, or 0.</param>
    /// <param name="byteRegister">The register is a byte register, not an extension.</param>
    public void Modrm(int opcode, int size, int register, HostOperand operand, bool byteOperand = false, int prefix = 0, bool byteRegister = false)
    {
        if (size == 2)
            Byte(OperandSizePrefix);
        if (prefix != 0)
            Byte(prefix);
        int index = operand.IsMemory && operand.Index >= 0 ? operand.Index : 0;
        int rex = (size == 8 ? 8 : 0) | ((register >> 3) << 2) | ((index >> 3) << 1) | (operand.Base >> 3);
        bool lowByte = (byteRegister && register is >= 4 and < 8)
            || ((byteOperand || size == 1) && !operand.IsMemory && operand.Base is >= 4 and < 8);
        if (rex != 0 || lowByte)
            Byte(0x40 | rex);
        if (opcode >= TwoByteMap)
            Byte(0x0F);
        Byte(opcode & 0xFF);
        Operand(register & 7, operand);
    }

    /// <summary>Opcode pairs "op r/m, r": byte form at <paramref name="opcode"/>, wider forms one above.</summary>
    public void ToOperand(int opcode, int size, HostOperand destination, int source) =>
        Modrm(size == 1 ? opcode : opcode + 1, size, source, destination, byteRegister: size == 1);

    /// <summary>Opcode pairs "op r, r/m", likewise.</summary>
    public void FromOperand(int opcode, int size, int destination, HostOperand source) =>
        Modrm(size == 1 ? opcode : opcode + 1, size, destination, source, byteRegister: size == 1);

    /// <summary>MOV r/m, r.</summary>
    public void Store(int size, HostOperand destination, int source) => ToOperand(0x88, size, destination, source);

    /// <summary>MOV r, r/m of 4 or 8 bytes; MOVZX for less: the whole register is written.</summary>
    public void Load(int size, int destination, HostOperand source)
    {
        if (size >= 4)
            FromOperand(0x8A, size, destination, source);
        else
            Modrm(size == 1 ? 0x0FB6 : 0x0FB7, 4, destination, source, byteOperand: size == 1);
    }

    /// <summary>MOVSX or MOVSXD.</summary>
    public void LoadSigned(int sourceSize, int size, int destination, HostOperand source)
    {
        int opcode = sourceSize switch { 1 => 0x0FBE, 2 => 0x0FBF, _ => 0x63 };
        Modrm(opcode, size, destination, source, byteOperand: sourceSize == 1);
    }

    /// <summary>MOV r, r.</summary>
    public void Move(int size, int destination, int source) => FromOperand(0x8A, size, destination, HostOperand.Register(source));

    /// <summary>The shortest way to a constant that leaves the flags alone.</summary>
    public void Constant(int register, ulong value)
    {
        if (value <= uint.MaxValue)
        {
            if (register >= 8)
                Byte(0x41);
            Byte(0xB8 | (register & 7));
            Int32((int)(uint)value);
        }
        else if ((long)value == (int)(long)value)
        {
            Modrm(0xC7, 8, 0, HostOperand.Register(register));
            Int32((int)value);
        }
        else
        {
            Byte(0x48 | (register >> 3));
            Byte(0xB8 | (register & 7));
            Int64((long)value);
        }
    }

    /// <summary>MOV r/m, imm (sign-extended to 8 bytes).</summary>
    public void StoreImmediate(int size, HostOperand destination, int value)
    {
        Modrm(size == 1 ? 0xC6 : 0xC7, size, 0, destination);
        Immediate(size, value);
    }

    /// <summary>An operation of the ADD..CMP group (0-7) with an immediate.</summary>
    public void Arithmetic(int group, int size, HostOperand destination, int value)
    {
        if (size == 1)
        {
            Modrm(0x80, 1, group, destination);
            Byte(value);
        }
        else if (value == (sbyte)value)
        {
            Modrm(0x83, size, group, destination);
            Byte(value);
        }
        else
        {
            Modrm(0x81, size, group, destination);
            Immediate(size, value);
        }
    }

    /// <summary>TEST r/m, imm.</summary>
    public void TestImmediate(int size, HostOperand operand, int value)
    {
        Modrm(size == 1 ? 0xF6 : 0xF7, size, 0, operand);
        Immediate(size, value);
    }

    /// <summary>A shift or rotation (group number) by a constant.</summary>
    public void Shift(int group, int size, HostOperand operand, int count)
    {
        Modrm(size == 1 ? 0xC0 : 0xC1, size, group, operand);
        Byte(count);
    }

    /// <summary>BSWAP.</summary>
    public void SwapBytes(int size, int register)
    {
        Byte(0x40 | (size == 8 ? 8 : 0) | (register >> 3));
        Byte(0x0F);
        Byte(0xC8 | (register & 7));
    }

    /// <summary>LEA.</summary>
    public void Address(int size, int destination, HostOperand memory) => Modrm(0x8D, size, destination, memory);

    /// <summary>LEA r64 of a place in the buffer.</summary>
    public void AddressOf(int destination, int target)
    {
        Byte(0x48 | ((destination >> 3) << 2));
        Byte(0x8D);
        Byte(((destination & 7) << 3) | 5);
        Int32(target - (Position + 4));
    }

    /// <summary>JMP to a place in the buffer.</summary>
    public void Jump(int target)
    {
        Byte(0xE9);
        Int32(target - (Position + 4));
    }

    /// <summary>Jcc to a place in the buffer.</summary>
    public void JumpIf(int condition, int target)
    {
        Byte(0x0F);
        Byte(0x80 | condition);
        Int32(target - (Position + 4));
    }

    /// <summary>JMP whose target is set later with <see cref="Bind"/>; gives the place to bind.</summary>
    public int JumpForward()
    {
        Byte(0xE9);
        Int32(0);
        return Position - 4;
    }

    /// <summary>Jcc, likewise.</summary>
    public int JumpForwardIf(int condition)
    {
        Byte(0x0F);
        Byte(0x80 | condition);
        Int32(0);
        return Position - 4;
    }

    /// <summary>Makes a forward jump lead here.</summary>
    public void Bind(int place) => Patch(place, Position);

    /// <summary>Makes the jump whose offset lies at <paramref name="place"/> lead to <paramref name="target"/>.</summary>
    public void Patch(int place, int target) => *(int*)(_base + place) = target - (place + 4);

    private void Immediate(int size, int value)
    {
        switch (size)
        {
            case 1:
                Byte(value);
                break;
            case 2:
                Byte(value);
                Byte(value >> 8);
                break;
            default:
                Int32(value);
                break;
        }
    }

    private void Operand(int register, HostOperand operand)
    {
        int low = operand.Base & 7;
        if (!operand.IsMemory)
        {
            Byte(0xC0 | (register << 3) | low);
            return;
        }

        int displacement = operand.Displacement;
        // Base 5 (RBP, R13) without displacement means something else.
        int mode = displacement == 0 && low != 5 ? 0 : displacement == (sbyte)displacement ? 1 : 2;
        if (operand.Index >= 0 || low == 4)
        {
            Byte((mode << 6) | (register << 3) | 4);
            Byte((operand.Scale << 6) | ((operand.Index >= 0 ? operand.Index & 7 : 4) << 3) | low);
        }
        else
        {
            Byte((mode << 6) | (register << 3) | low);
        }

        if (mode == 1)
            Byte(displacement);
        else if (mode == 2)
            Int32(displacement);
    }
}
