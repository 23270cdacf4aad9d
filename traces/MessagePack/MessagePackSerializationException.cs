namespace MessagePack;

/// <summary>Bytes that are not MessagePack, or not the value that was asked for.</summary>
public sealed class MessagePackSerializationException : Exception
{
    public MessagePackSerializationException(string message)
        : base(message)
    {
    }
}
