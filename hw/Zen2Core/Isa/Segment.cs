using System.Runtime.InteropServices;

namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>Segment registers in encoding order, then the system ones; the index into the array of <see cref="CpuState"/>.</summary>
public enum SegmentIndex : byte
{
    /// <summary>ES.</summary>
    Es,

    /// <summary>CS.</summary>
    Cs,

    /// <summary>SS.</summary>
    Ss,

    /// <summary>DS.</summary>
    Ds,

    /// <summary>FS.</summary>
    Fs,

    /// <summary>GS.</summary>
    Gs,

    /// <summary>LDTR.</summary>
    Ldtr,

    /// <summary>TR.</summary>
    Tr,
}

/// <summary>A segment register with its hidden part (AMD APM vol. 2, 4.5).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SegmentRegister
{
    /// <summary>Visible selector.</summary>
    public ushort Selector;

    /// <summary>Descriptor bits 40-47 in 0-7 (type, S, DPL, P) and bits 52-55 in 8-11 (AVL, L, D/B, G).</summary>
    public ushort Attributes;

    /// <summary>Limit in bytes, granularity applied: the last valid offset.</summary>
    public uint Limit;

    /// <summary>Linear base address.</summary>
    public ulong Base;

    /// <summary>Present bit of <see cref="Attributes"/>.</summary>
    public const ushort Present = 0x80;

    /// <summary>Code or data (not system) bit.</summary>
    public const ushort CodeOrData = 0x10;

    /// <summary>64-bit code (L) bit.</summary>
    public const ushort Long = 0x200;

    /// <summary>Default size (D/B) bit.</summary>
    public const ushort Big = 0x400;

    /// <summary>Granularity bit.</summary>
    public const ushort Granular = 0x800;

    /// <summary>Type field, 4 bits.</summary>
    public readonly int Type => Attributes & 0xF;

    /// <summary>Descriptor privilege level.</summary>
    public readonly int Dpl => (Attributes >> 5) & 3;
}

/// <summary>A descriptor table register (GDTR, IDTR).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TableRegister
{
    /// <summary>Linear base address.</summary>
    public ulong Base;

    /// <summary>Last valid byte offset.</summary>
    public uint Limit;

    private readonly uint _pad;
}
