using System.Buffers.Binary;

namespace CoSim.Cli.Snippets;

/// <summary>A loop around copies of a snippet's code.</summary>
/// <param name="Bytes">The copies, then a jump back to the first.</param>
/// <param name="Copies">How many.</param>
/// <param name="Jump">Offset of the jump.</param>
internal sealed record LoopCode(byte[] Bytes, int Copies, int Jump)
{
    private const int JumpBytes = 5, RealJumpBytes = 3;

    /// <summary>Builds a loop.</summary>
    /// <param name="request">The snippet.</param>
    /// <param name="listing">Its instructions.</param>
    /// <param name="copies">Copies, 1 or more.</param>
    /// <param name="problem">Why there is no such loop; null on success.</param>
    public static LoopCode? Build(SnippetRequest request, CodeListing listing, int copies, out string? problem)
    {
        byte[] body = request.Code;
        problem = null;
        if (copies > 1 && !listing.IsComplete)
        {
            problem = "the code holds bytes that are no instructions";
            return null;
        }
        bool real = request.Mode == BareMode.Real16;
        byte[] bytes = new byte[(body.Length * copies) + (real ? RealJumpBytes : JumpBytes)];
        for (int n = 0; n < copies; n++)
        {
            Span<byte> copy = bytes.AsSpan(n * body.Length, body.Length);
            body.CopyTo(copy);
            if (n > 0 && !listing.Relocate(copy, n * body.Length))
            {
                problem = "a short branch leaves the code";
                return null;
            }
        }
        int jump = body.Length * copies;
        bytes[jump] = 0xE9;
        if (real)
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(jump + 1), (short)-(jump + RealJumpBytes));
        else
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(jump + 1), -(jump + JumpBytes));
        ulong end = request.At + (ulong)bytes.Length;
        if (real && ((request.At & 0xFFFF) + (ulong)bytes.Length > 0x1_0000 || jump + RealJumpBytes > short.MaxValue))
            problem = "the copies leave the segment";
        else if (request.Maps.Any(m => m.Contains(request.At, (ulong)body.Length) ? !m.Contains(request.At, (ulong)bytes.Length)
            : request.Mode == BareMode.Real16 ? m.Address < end && request.At < m.Address + m.Length : m.Overlaps(request.At & ~0xFFFUL, (end - 1) & ~0xFFFUL)))
            problem = "the copies reach into mapped memory";
        return problem is null ? new LoopCode(bytes, copies, jump) : null;
    }
}
