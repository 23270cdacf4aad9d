namespace System
{
    /// <summary>A position from the start or, with ^, from the end.</summary>
    public readonly struct Index
    {
        private readonly int _value;
        public Index(int value, bool fromEnd) { _value = fromEnd ? ~value : value; }
        public int GetOffset(int length) => _value < 0 ? _value + length + 1 : _value;
        public static implicit operator Index(int value) => new Index(value, false);
    }

    /// <summary>A range of positions, for slices such as span[2..^1].</summary>
    public readonly struct Range
    {
        public Index Start { get; }
        public Index End { get; }
        public Range(Index start, Index end) { Start = start; End = end; }
        public static Range StartAt(Index start) => new Range(start, new Index(0, true));
        public static Range EndAt(Index end) => new Range(new Index(0, false), end);
        public static Range All => new Range(new Index(0, false), new Index(0, true));
    }
}
