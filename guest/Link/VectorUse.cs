using CoSim.Guest.Link.Elf;
using Iced.Intel;

namespace CoSim.Guest.Link;

/// <summary>
/// Which vector registers the C# code touches. ILC moves and clears structures through XMM registers, and that cannot be
/// turned off; so the entries from user mode save exactly the registers that the disassembly finds, and no more.
/// </summary>
public sealed class VectorUse
{
    /// <summary>Functions with vector instructions, and the registers of each, bit n for XMMn.</summary>
    public SortedDictionary<string, ushort> Functions { get; } = new(StringComparer.Ordinal);

    /// <summary>The registers that any function uses.</summary>
    public ushort Mask => Functions.Values.Aggregate((ushort)0, (all, mask) => (ushort)(all | mask));

    /// <summary>A mask in words.</summary>
    public static string Describe(ushort mask) =>
        mask == 0 ? "none" : string.Join(' ', Enumerable.Range(0, 16).Where(n => (mask >> n & 1) != 0).Select(n => "XMM" + n));

    /// <summary>Disassembles all functions that the image needs.</summary>
    /// <exception cref="LinkException">A function uses YMM, ZMM or mask registers, which entries do not save.</exception>
    public static VectorUse Find(ElfObject obj, Reachability reachability)
    {
        VectorUse use = new();
        foreach (Symbol s in obj.Symbols.Where(s => s.IsFunction && s.Section is { IsCode: true } c && reachability.IsReached(c, s.Value)))
        {
            ushort mask = 0;
            Decoder decoder = Decoder.Create(64, s.Section!.Data.AsSpan((int)s.Value, (int)s.Size).ToArray());
            foreach (Instruction i in decoder)
            {
                for (int o = 0; o < i.OpCount; o++)
                {
                    if (i.GetOpKind(o) != OpKind.Register) continue;
                    Register r = i.GetOpRegister(o);
                    if (r.IsXMM()) mask |= (ushort)(1 << r.GetNumber());
                    else if (r.IsVectorRegister() || r.IsK()) throw new LinkException(5, $"{s.Name} uses {r}: only the SSE registers are saved on entry");
                }
            }
            if (mask != 0) use.Functions[s.Name] = mask;
        }
        return use;
    }
}
