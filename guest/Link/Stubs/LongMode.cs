using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>The pieces that every way into long mode shares (AMD APM vol. 2, rev. 3.42, section 14.6).</summary>
public static class LongMode
{
    /// <summary>Selectors, as Linux numbers them: user code and data must be neighbours in this order for SYSRET.</summary>
    public const int KernelCode32 = 0x08, KernelCode = 0x10, KernelData = 0x18, UserCode32 = 0x23, UserData = 0x2B, UserCode = 0x33;

    /// <summary>CR4 at the start: PAE, PGE, OSFXSR, OSXMMEXCPT.</summary>
    public const int Cr4 = 0x6A0;

    /// <summary>CR0 in long mode: PG, WP, NE, ET, MP, PE.</summary>
    public const uint Cr0 = 0x80010033;

    /// <summary>The descriptors behind the selectors above, all flat.</summary>
    public static readonly ulong[] Descriptors =
    [
        0, 0x00CF9B000000FFFF, 0x00AF9B000000FFFF, 0x00CF93000000FFFF, 0x00CFFB000000FFFF, 0x00CFF3000000FFFF, 0x00AFFB000000FFFF,
    ];

    /// <summary>A descriptor table and, behind it, the 10 bytes that LGDT reads.</summary>
    /// <param name="c">The assembler.</param>
    /// <param name="address">The table's address.</param>
    public static void DescriptorTable(Assembler c, ulong address)
    {
        foreach (ulong d in Descriptors) c.dq(d);
        c.dw((ushort)(Descriptors.Length * 8 - 1));
        c.dq(address);
    }

    /// <summary>Length of the descriptor table, which is where the LGDT operand starts.</summary>
    public static int DescriptorTableSize => Descriptors.Length * 8;

    /// <summary>
    /// From 32-bit protected mode without paging to compatibility mode: EFER.LME and NXE, then paging. Uses EAX, ECX, EDX.
    /// The caller then jumps to a 64-bit code segment.
    /// </summary>
    /// <param name="c">The assembler.</param>
    /// <param name="pageTable">Loads CR3's value into EAX.</param>
    public static void Enter(Assembler c, Action pageTable)
    {
        c.mov(eax, Cr4);
        c.mov(cr4, eax);
        pageTable();
        c.mov(cr3, eax);
        c.mov(ecx, 0xC0000080); // EFER
        c.rdmsr();
        c.or(eax, 0x900);       // LME, NXE
        c.wrmsr();
        c.mov(eax, Cr0);
        c.mov(cr0, eax);
    }
}
