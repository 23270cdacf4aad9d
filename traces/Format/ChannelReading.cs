using System.Threading.Channels;

namespace CoSim.Traces.Format;

/// <summary>Reading a channel from a thread that has nothing else to do.</summary>
internal static class ChannelReading
{
    /// <summary>The next item, waited for on this thread.</summary>
    /// <returns>Null when the channel has been completed and is empty.</returns>
    public static T? Take<T>(this ChannelReader<T> reader)
        where T : class
    {
        while (true)
        {
            if (reader.TryRead(out T? item))
                return item;
            if (!reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                return null;
        }
    }
}
