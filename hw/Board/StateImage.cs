using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>The state of all components at one moment. Images share the pieces that did not change between them: caches are large and change slowly.</summary>
internal sealed class StateImage
{
    private const int Piece = PhysicalMemory.PageSize;

    private readonly byte[][] _pieces;

    private StateImage(byte[][] pieces, long newBytes)
    {
        _pieces = pieces;
        NewBytes = newBytes;
    }

    /// <summary>Bytes that the image before did not hold.</summary>
    public long NewBytes { get; }

    /// <summary>Takes an image.</summary>
    /// <param name="state">What <see cref="StateWriter"/> wrote.</param>
    /// <param name="before">An image whose pieces may be shared; null for none.</param>
    public static StateImage Of(ReadOnlySpan<byte> state, StateImage? before)
    {
        byte[][] pieces = new byte[(state.Length + Piece - 1) / Piece][];
        long newBytes = 0;
        for (int n = 0; n < pieces.Length; n++)
        {
            ReadOnlySpan<byte> piece = state.Slice(n * Piece, Math.Min(Piece, state.Length - (n * Piece)));
            byte[]? known = before is not null && n < before._pieces.Length ? before._pieces[n] : null;
            if (known is not null && piece.SequenceEqual(known))
            {
                pieces[n] = known;
                continue;
            }

            pieces[n] = piece.ToArray();
            newBytes += piece.Length;
        }

        return new StateImage(pieces, newBytes);
    }

    /// <summary>The bytes.</summary>
    public byte[] ToArray()
    {
        byte[] state = new byte[_pieces.Sum(p => p.Length)];
        for (int n = 0; n < _pieces.Length; n++)
            _pieces[n].CopyTo(state, n * Piece);
        return state;
    }
}
