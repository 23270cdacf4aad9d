namespace CoSim.Traces.Format;

/// <summary>A file that is not a trace, or a trace that is damaged; the message says where and how, for the user.</summary>
public sealed class TraceFormatException : Exception
{
    public TraceFormatException(string message)
        : base(message)
    {
    }
}
