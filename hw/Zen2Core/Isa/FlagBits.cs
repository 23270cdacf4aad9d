namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>The arithmetic flags at their RFLAGS positions, as held in <see cref="CpuState.Flags"/> (AMD APM vol. 1, 3.1.4).</summary>
public static class FlagBits
{
    /// <summary>Carry.</summary>
    public const uint CF = 0x001;

    /// <summary>Parity of the low result byte (set when even).</summary>
    public const uint PF = 0x004;

    /// <summary>Auxiliary carry out of bit 3.</summary>
    public const uint AF = 0x010;

    /// <summary>Zero.</summary>
    public const uint ZF = 0x040;

    /// <summary>Sign.</summary>
    public const uint SF = 0x080;

    /// <summary>Signed overflow.</summary>
    public const uint OF = 0x800;

    /// <summary>All six.</summary>
    public const uint All = CF | PF | AF | ZF | SF | OF;
}

/// <summary>
/// A set of arithmetic flags in one byte: the RFLAGS positions, with OF moved to bit 1 (which RFLAGS does not use).
/// A micro-op that writes some but not all flags also reads the rest when flags are renamed as one register.
/// </summary>
[Flags]
public enum FlagMask : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Carry.</summary>
    CF = 0x01,

    /// <summary>Overflow.</summary>
    OF = 0x02,

    /// <summary>Parity.</summary>
    PF = 0x04,

    /// <summary>Auxiliary carry.</summary>
    AF = 0x10,

    /// <summary>Zero.</summary>
    ZF = 0x40,

    /// <summary>Sign.</summary>
    SF = 0x80,

    /// <summary>All six.</summary>
    All = CF | OF | PF | AF | ZF | SF,

    /// <summary>All but carry: what INC and DEC write.</summary>
    AllButCarry = All & ~CF,
}

/// <summary>The RFLAGS bits that are not arithmetic, as held in <see cref="CpuState.SystemFlags"/> (AMD APM vol. 2, 3.1.6).</summary>
public static class SystemFlagBits
{
    /// <summary>Single step.</summary>
    public const uint TF = 1u << 8;

    /// <summary>Interrupts enabled.</summary>
    public const uint IF = 1u << 9;

    /// <summary>String direction (set: downwards).</summary>
    public const uint DF = 1u << 10;

    /// <summary>I/O privilege level, two bits.</summary>
    public const uint Iopl = 3u << 12;

    /// <summary>Nested task.</summary>
    public const uint NT = 1u << 14;

    /// <summary>Resume: suppresses instruction breakpoints for one instruction.</summary>
    public const uint RF = 1u << 16;

    /// <summary>Virtual-8086 mode.</summary>
    public const uint VM = 1u << 17;

    /// <summary>Alignment check; SMAP override.</summary>
    public const uint AC = 1u << 18;

    /// <summary>Virtual interrupt flag, what IF is to a program under CR4.VME or CR4.PVI.</summary>
    public const uint VIF = 1u << 19;

    /// <summary>A virtual interrupt is pending.</summary>
    public const uint VIP = 1u << 20;

    /// <summary>CPUID is available.</summary>
    public const uint ID = 1u << 21;

    /// <summary>Every bit that POPF or IRET may write, arithmetic flags included.</summary>
    public const uint Writable = FlagBits.All | TF | IF | DF | Iopl | NT | RF | AC | ID;

    /// <summary>Bit 1 of RFLAGS always reads as one.</summary>
    public const uint AlwaysOne = 2;
}
