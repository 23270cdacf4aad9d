namespace CoSim.Cli.Trace;

/// <summary>How two sequences of instructions of a core lie beside each other.</summary>
/// <param name="Same">Instructions that stand in both.</param>
/// <param name="OnlyLeft">Instructions that stand in the left one only.</param>
/// <param name="OnlyRight">Instructions that stand in the right one only.</param>
/// <param name="Gaps">Places where something stands in one only.</param>
/// <param name="IsComplete">False: behind a gap no common code was found, and what follows it is not counted as common.</param>
internal sealed record PathAlignment(ulong Same, ulong OnlyLeft, ulong OnlyRight, ulong Gaps, bool IsComplete)
{
    /// <summary>So many instructions in a row must agree behind a gap.</summary>
    private const int Anchor = 12;

    private const int FirstWindow = 1 << 12, LastWindow = 1 << 22;

    /// <summary>Aligns addresses. Memory is bounded by the longest gap that is looked across, 4 million instructions.</summary>
    public static PathAlignment Of(IEnumerable<ulong> left, IEnumerable<ulong> right)
    {
        using Window a = new(left.GetEnumerator());
        using Window b = new(right.GetEnumerator());
        ulong same = 0, onlyLeft = 0, onlyRight = 0, gaps = 0;
        while (true)
        {
            while (a.Has(0) && b.Has(0) && a[0] == b[0])
            {
                same++;
                a.Drop(1);
                b.Drop(1);
            }

            if (!a.Has(0) && !b.Has(0))
                return new PathAlignment(same, onlyLeft, onlyRight, gaps, true);
            gaps++;
            if (Meet(a, b) is not { } skip)
                return new PathAlignment(same, onlyLeft + a.DropAll(), onlyRight + b.DropAll(), gaps, false);
            onlyLeft += (ulong)skip.Left;
            onlyRight += (ulong)skip.Right;
            a.Drop(skip.Left);
            b.Drop(skip.Right);
        }
    }

    /// <summary>How many instructions to leave out on either side, so that both go on the same way; null when there is no such place.</summary>
    private static (int Left, int Right)? Meet(Window a, Window b)
    {
        if (!a.Has(0) || !b.Has(0))
            return (a.Fill(LastWindow), b.Fill(LastWindow));
        for (int window = FirstWindow; ; window *= 4)
        {
            int leftLength = a.Fill(window), rightLength = b.Fill(window);
            Dictionary<ulong, int> places = [];
            for (int j = rightLength - Anchor; j >= 0; j--)
                places[b.Hash(j, Anchor)] = j;
            (int Left, int Right)? best = null;
            for (int i = 0; i + Anchor <= leftLength && (best is not { } known || i < known.Left + known.Right); i++)
            {
                if (places.TryGetValue(a.Hash(i, Anchor), out int j) && (best is not { } nearest || i + j < nearest.Left + nearest.Right))
                    best = (i, j);
            }

            if (best != null || window >= LastWindow || (leftLength < window && rightLength < window))
                return best;
        }
    }

    /// <summary>A sequence with a view ahead.</summary>
    private sealed class Window(IEnumerator<ulong> source) : IDisposable
    {
        private readonly List<ulong> _ahead = [];
        private int _start;

        public ulong this[int index] => _ahead[_start + index];

        public bool Has(int index) => Fill(index + 1) > index;

        /// <summary>Reads up to a length; returns the length that there is, at most that.</summary>
        public int Fill(int length)
        {
            while (_ahead.Count - _start < length && source.MoveNext())
                _ahead.Add(source.Current);
            return Math.Min(length, _ahead.Count - _start);
        }

        public void Drop(int count)
        {
            _start += count;
            if (_start > FirstWindow && _start * 2 > _ahead.Count)
            {
                _ahead.RemoveRange(0, _start);
                _start = 0;
            }
        }

        public ulong DropAll()
        {
            ulong count = 0;
            for (; Has(0); count++)
                Drop(1);
            return count;
        }

        public ulong Hash(int index, int length)
        {
            ulong hash = 0;
            for (int i = 0; i < length; i++)
                hash = unchecked((hash ^ this[index + i]) * 0x9E37_79B9_7F4A_7C15) ^ (hash >> 31);
            return hash;
        }

        public void Dispose() => source.Dispose();
    }
}
