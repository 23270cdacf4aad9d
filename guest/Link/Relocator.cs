using System.Buffers.Binary;
using CoSim.Guest.Link.Elf;
using CoSim.Guest.Link.Stubs;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Link;

/// <summary>The relocation types that ILC produces (AMD64 psABI 1.0, table 4.9).</summary>
public enum RelocationType : uint
{
    /// <summary>S + A, 64 bits.</summary>
    Absolute64 = 1,
    /// <summary>S + A - P, 32 bits.</summary>
    Pc32 = 2,
    /// <summary>As <see cref="Pc32"/>: there is no procedure linkage table here.</summary>
    Plt32 = 4,
    /// <summary>S + A, 32 bits, zero extended.</summary>
    Absolute32 = 10,
    /// <summary>S + A, 32 bits, sign extended.</summary>
    Absolute32Signed = 11,
}

/// <summary>Applies relocations once all addresses are known.</summary>
public sealed class Relocator(ElfObject obj, Reachability reachability, Func<string, ulong> resolve, StubLibrary library, ushort vectorMask, bool positionIndependent)
{
    /// <summary>Applies the relocations of one section; unneeded functions are overwritten by INT3.</summary>
    public void Apply(Section section)
    {
        if (section.IsCode) EraseUnreached(section);
        foreach (ElfRelocation r in section.Relocations)
        {
            if (section.IsAlloc && !reachability.IsReached(section, r.Offset)) continue;
            Symbol symbol = obj.Symbols[(int)r.Symbol];
            if (symbol.Section == null && !section.IsAlloc) continue;
            if (library.Find(symbol.Name) is { } stub && Inliner.CanReplace(section, r, stub))
            {
                Inliner.Replace(section.Data.AsSpan((int)r.Offset - 1, Inliner.CallLength), stub.InlineCode(vectorMask));
                continue;
            }
            // Debugging information of code that was left out gets address 0.
            bool gone = symbol.Section is { IsAlloc: true } s && !reachability.IsReached(s, symbol.IsSection ? Clamp(s, r.Addend) : symbol.Value) && !(symbol.IsSection && reachability.IsReached(s));
            ulong target = gone ? 0 : (symbol.Section == null ? resolve(symbol.Name) : symbol.Address) + (ulong)r.Addend;
            Write(section, r, target, symbol.Name);
        }
    }

    private static ulong Clamp(Section section, long addend) => Math.Min((ulong)Math.Max(addend, 0), section.Size);

    private void Write(Section section, ElfRelocation r, ulong target, string name)
    {
        Span<byte> at = section.Data.AsSpan((int)r.Offset);
        switch ((RelocationType)r.Type)
        {
            case RelocationType.Absolute64:
                if (positionIndependent && section.IsAlloc)
                    throw new LinkException(7, $"{reachability.NameOf(section, r.Offset)} holds the address of {name}: a vDSO must not hold addresses");
                BinaryPrimitives.WriteUInt64LittleEndian(at, target);
                break;
            case RelocationType.Absolute32:
                BinaryPrimitives.WriteUInt32LittleEndian(at, Fit(target, target <= uint.MaxValue, name));
                break;
            case RelocationType.Absolute32Signed:
                BinaryPrimitives.WriteUInt32LittleEndian(at, Fit(target, (long)target == (int)target, name));
                break;
            case RelocationType.Pc32 or RelocationType.Plt32:
                ulong distance = target - (section.Address + r.Offset);
                BinaryPrimitives.WriteUInt32LittleEndian(at, Fit(distance, (long)distance == (int)distance, name));
                break;
            default:
                throw new LinkException(8, $"relocation type {r.Type} in {section.Name} against {name} is not supported");
        }
    }

    private static uint Fit(ulong value, bool fits, string name) =>
        fits ? unchecked((uint)value) : throw new LinkException(9, $"the reference to {name} does not fit in 32 bits");

    private void EraseUnreached(Section section)
    {
        foreach (Symbol s in obj.Symbols.Where(s => s.Section == section && s.IsFunction && !reachability.IsReached(section, s.Value)))
            section.Data.AsSpan((int)s.Value, (int)s.Size).Fill(0xCC);
    }
}
