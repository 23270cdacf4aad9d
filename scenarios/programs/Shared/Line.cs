using CoSim.Os.Programs;

namespace CoSim.Scenarios;

/// <summary>Builds a line of the standard output, and writes it in one piece.</summary>
public unsafe ref struct Line
{
    private byte* _at;

    /// <summary>Begins a line.</summary>
    public static Line Of(System.ReadOnlySpan<byte> text)
    {
        Line line;
        line._at = Text.Append(Text.Line, Linux.Text(text));
        return line;
    }

    /// <summary>Adds text; the literal ends with a NUL.</summary>
    public Line Add(System.ReadOnlySpan<byte> text)
    {
        _at = Text.Append(_at, Linux.Text(text));
        return this;
    }

    /// <summary>Adds a number.</summary>
    public Line Add(long value)
    {
        _at = Text.AppendNumber(_at, value);
        return this;
    }

    /// <summary>Adds nanoseconds as milliseconds, rounded down.</summary>
    public Line Milliseconds(long nanoseconds) => Add(nanoseconds / Time.Millisecond);

    /// <summary>Writes it.</summary>
    public void End()
    {
        *_at++ = (byte)'\n';
        Linux.Write(1, Text.Line, (ulong)(_at - Text.Line));
    }
}
