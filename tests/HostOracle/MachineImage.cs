using System.Runtime.InteropServices;

namespace CoSim.Tests.HostOracle;

/// <summary>The user-visible registers of an x86-64 processor, in the layout that the thunk loads and stores.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeInBytes)]
public unsafe struct MachineImage
{
    /// <summary>Size of the image in bytes.</summary>
    public const int SizeInBytes = 1200;

    internal const int GprOffset = 0;
    internal const int RflagsOffset = 128;
    internal const int YmmOffset = 160;
    internal const int FxOffset = 672;
    internal const int GsBaseOffset = 1184;
    internal const int FaultRipOffset = 1192;

    /// <summary>RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8..R15 (encoding order).</summary>
    [FieldOffset(GprOffset)] public fixed ulong Gpr[16];

    /// <summary>RFLAGS.</summary>
    [FieldOffset(RflagsOffset)] public ulong Rflags;

    /// <summary>Vector of the exception that ended the run, or -1 when the instruction completed.</summary>
    [FieldOffset(136)] public long FaultVector;

    /// <summary>Error code of the exception (the page-fault code for vector 14).</summary>
    [FieldOffset(144)] public ulong FaultCode;

    /// <summary>CR2 for a page fault.</summary>
    [FieldOffset(152)] public ulong FaultAddress;

    /// <summary>YMM0..YMM15, 32 bytes each.</summary>
    [FieldOffset(YmmOffset)] public fixed byte Ymm[512];

    /// <summary>
    /// An FXSAVE64 image: x87 control, status and tags, MXCSR at byte 24, ST(0)..ST(7) at bytes 32, 48, ...
    /// (AMD64 Architecture Programmer's Manual volume 2, revision 3.41, section 11.4.4). Its XMM area is not used: <see cref="Ymm"/> is.
    /// </summary>
    [FieldOffset(FxOffset)] public fixed byte Fx[512];

    /// <summary>Base of the GS segment; for the simulator that of FS too (the host's runtime needs its own FS).</summary>
    [FieldOffset(GsBaseOffset)] public ulong GsBase;

    /// <summary>Where the run ended: the instruction that raised the exception, or the one after the last that completed.</summary>
    [FieldOffset(FaultRipOffset)] public ulong FaultRip;

    /// <summary>MXCSR.</summary>
    public uint Mxcsr
    {
        get => ReadFx<uint>(24);
        set => WriteFx(24, value);
    }

    /// <summary>x87 control word.</summary>
    public ushort ControlWord
    {
        get => ReadFx<ushort>(0);
        set => WriteFx(0, value);
    }

    /// <summary>x87 status word.</summary>
    public ushort StatusWord
    {
        get => ReadFx<ushort>(2);
        set => WriteFx(2, value);
    }

    /// <summary>The abridged x87 tag byte of FXSAVE: bit i set when physical register i is not empty.</summary>
    public byte Tags
    {
        get => ReadFx<byte>(4);
        set => WriteFx(4, value);
    }

    /// <summary>A copy with the register values a freshly started program would have.</summary>
    public static MachineImage CreateClean()
    {
        MachineImage image = default;
        image.Rflags = 0x202;
        image.FaultVector = -1;
        image.ControlWord = 0x037F;
        image.Mxcsr = 0x1F80;
        image.Gpr[4] = OracleLayout.Scratch + OracleLayout.StackOffset;
        return image;
    }

    /// <summary>Zeroes the parts of the general registers that 32-bit code does not have.</summary>
    public void Narrow()
    {
        for (int n = 0; n < 16; n++)
            Gpr[n] = n < 8 ? (uint)Gpr[n] : 0;
    }

    /// <summary>Reads a field of the FXSAVE image.</summary>
    /// <param name="offset">Byte offset, 0 to 512 minus the size of <typeparamref name="T"/>.</param>
    public T ReadFx<T>(int offset)
        where T : unmanaged
    {
        fixed (byte* fx = Fx)
            return Unaligned<T>(fx + offset);
    }

    /// <summary>Writes a field of the FXSAVE image.</summary>
    /// <param name="offset">Byte offset, 0 to 512 minus the size of <typeparamref name="T"/>.</param>
    /// <param name="value">Value to store.</param>
    public void WriteFx<T>(int offset, T value)
        where T : unmanaged
    {
        fixed (byte* fx = Fx)
            System.Runtime.CompilerServices.Unsafe.WriteUnaligned(fx + offset, value);
    }

    private static T Unaligned<T>(byte* at)
        where T : unmanaged => System.Runtime.CompilerServices.Unsafe.ReadUnaligned<T>(at);
}
