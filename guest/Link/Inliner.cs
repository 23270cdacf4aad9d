using CoSim.Guest.Link.Elf;
using CoSim.Guest.Link.Stubs;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link;

/// <summary>Puts a short stub's instructions in place of the five-byte call, or tail call, of the stub.</summary>
public static class Inliner
{
    /// <summary>Length of CALL rel32 and of JMP rel32.</summary>
    public const int CallLength = 5;

    private const byte Call = 0xE8, Jump = 0xE9, Return = 0xC3, Trap = 0xCC;

    private static readonly byte[][] Nops = [[], [0x90], [0x66, 0x90], [0x0F, 0x1F, 0x00], [0x0F, 0x1F, 0x40, 0x00], [0x0F, 0x1F, 0x44, 0x00, 0x00]];

    /// <summary>Whether a relocation belongs to a call (E8) or to a tail call (E9) and not to a LEA or a pointer.</summary>
    public static bool IsCall(Section section, ElfRelocation relocation)
    {
        if (!section.IsCode || (RelocationType)relocation.Type is not (RelocationType.Pc32 or RelocationType.Plt32) || relocation.Offset == 0) return false;
        return section.Data[relocation.Offset - 1] is Call or Jump;
    }

    /// <summary>Whether the stub's code can stand in place of the call that a relocation belongs to.</summary>
    public static bool CanReplace(Section section, ElfRelocation relocation, Stub? stub)
    {
        if (stub is not { Inline: true } || !IsCall(section, relocation)) return false;
        return stub.InlineCode(0).Length + (section.Data[relocation.Offset - 1] == Jump ? 1 : 0) <= CallLength;
    }

    /// <summary>Replaces a call by code; fills the rest with one NOP, or with RET when it was a tail call.</summary>
    public static void Replace(Span<byte> call, ReadOnlySpan<byte> code)
    {
        bool tail = call[0] == Jump;
        code.CopyTo(call);
        Span<byte> rest = call[code.Length..];
        if (tail)
        {
            rest[0] = Return;
            rest[1..].Fill(Trap);
        }
        else
        {
            Nops[rest.Length].CopyTo(rest);
        }
    }
}
