namespace CoSim.Cli.Snippets;

/// <summary>One line of the table of instructions: all copies of an instruction together.</summary>
/// <param name="Offset">Offset in the code; -1 for the jump back of the loop, -2 for code elsewhere.</param>
/// <param name="Address">Address of the instruction in the first copy (offset in the code segment).</param>
/// <param name="Cost">What its executions cost.</param>
/// <param name="Per">Iterations that the cost is spread over.</param>
/// <param name="Bytes">Its bytes in hexadecimal; empty when unknown.</param>
/// <param name="Text">Intel syntax.</param>
internal sealed record InstructionLine(int Offset, ulong Address, InstructionCost Cost, ulong Per, string Bytes, string Text)
{
    /// <summary>The jump back of the loop.</summary>
    public const int LoopJump = -1;

    /// <summary>Code that is not the snippet's.</summary>
    public const int Elsewhere = -2;

    /// <summary>All lines: the code's in order, then the rest.</summary>
    public static IReadOnlyList<InstructionLine> Of(SnippetTiming timing, CodeListing listing)
    {
        ulong per = timing.Loop is { } loop ? (ulong)loop.Iterations : 1;
        int copies = timing.Loop?.Copies ?? 1;
        SortedDictionary<(int Group, ulong Key), InstructionLine> lines = [];
        foreach ((ulong rip, InstructionCost cost) in timing.Record.Instructions)
        {
            bool jump = timing.Loop is { } l && rip == l.Jump;
            bool inside = !jump && listing.Covers(rip, copies);
            int offset = jump ? LoopJump : inside ? listing.OffsetOf(rip) : Elsewhere;
            (int Group, ulong Key) key = (inside ? 0 : jump ? 2 : 1, inside ? (ulong)offset : rip);
            if (!lines.TryGetValue(key, out InstructionLine? line))
            {
                string text = jump ? "jump back" : inside ? listing.TextAt(offset) : "elsewhere";
                string bytes = inside ? Convert.ToHexStringLower(listing.BytesAt(offset)) : "";
                lines.Add(key, line = new InstructionLine(offset, inside ? listing.AddressOf(offset) : rip, new InstructionCost(), per, bytes, text));
            }
            line.Cost.Add(cost);
        }
        return [.. lines.Values];
    }
}
