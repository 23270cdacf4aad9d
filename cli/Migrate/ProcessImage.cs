using System.Buffers.Binary;

namespace CoSim.Cli.Migrate;

/// <summary>What an image of processes has in it.</summary>
/// <param name="MonotonicNanoseconds">CLOCK_MONOTONIC as the processes saw it last.</param>
/// <param name="BoottimeNanoseconds">CLOCK_BOOTTIME likewise.</param>
/// <param name="RealtimeNanoseconds">CLOCK_REALTIME likewise, since 1970.</param>
/// <param name="Processes">Processes.</param>
/// <param name="Threads">Threads of all processes.</param>
/// <param name="Files">Open file descriptions.</param>
/// <param name="Timers">Timers of timer_create, timerfds and running interval timers.</param>
/// <param name="Pages">Pages of memory, of 4096 bytes.</param>
/// <param name="Records">Records of the image.</param>
/// <param name="Bytes">The image.</param>
public sealed record ProcessImage(
    long MonotonicNanoseconds,
    long BoottimeNanoseconds,
    long RealtimeNanoseconds,
    int Processes,
    int Threads,
    int Files,
    int Timers,
    int Pages,
    int Records,
    ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Version of the records that this reads (docs/migration.md).</summary>
    public const ulong Version = 2;

    private const ulong Magic = 0x4352_504D_4953_4F43; // "COSIMPRC"
    private const int HeadBytes = 8;

    /// <summary>Checks the frame of every record, their order and their number, and reads the header.</summary>
    /// <param name="bytes">The image.</param>
    /// <param name="problem">The place and the cause when it cannot be read.</param>
    /// <returns>Null when it cannot be read.</returns>
    public static ProcessImage? Read(ReadOnlyMemory<byte> bytes, out string problem)
    {
        ReadOnlySpan<byte> image = bytes.Span;
        int[] counts = new int[RecordKinds.Count];
        int at = 0, timerFiles = 0, previous = 0, records = 0;
        while (at < image.Length)
        {
            if (image.Length - at < HeadBytes)
                return Wrong(at, "the image ends within a record's head", out problem);
            int kind = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(image[at..]), (uint)RecordKinds.Count);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(image[(at + 4)..]);
            if (RecordKinds.Complaint(kind, length) is { } complaint)
                return Wrong(at, complaint, out problem);
            if (length > image.Length - at - HeadBytes)
                return Wrong(at, $"the record {RecordKinds.NameOf(kind)} needs {length} bytes, the image has {image.Length - at - HeadBytes} more", out problem);
            if ((records == 0) != (kind == RecordKinds.Header) || previous == RecordKinds.End)
                return Wrong(at, $"the record {RecordKinds.NameOf(kind)} is out of place", out problem);
            ReadOnlySpan<byte> body = image.Slice(at + HeadBytes, (int)length);
            if (kind == RecordKinds.Header && Word(body, 0) != Magic)
                return Wrong(at, "this is not an image of processes", out problem);
            if (kind == RecordKinds.Header && Word(body, 1) != Version)
                return Wrong(at, $"the records are of version {Word(body, 1)}, this cosim reads version {Version}", out problem);
            if (kind == RecordKinds.End && Word(body, 0) != (ulong)records)
                return Wrong(at, $"{records} records instead of {Word(body, 0)}", out problem);
            if ((kind == RecordKinds.File && Word(body, 1) == RecordKinds.TimerFile) || (kind == RecordKinds.Itimers && Word(body, 3) != 0))
                timerFiles++;
            counts[kind]++;
            records++;
            previous = kind;
            at += HeadBytes + (int)length;
        }
        if (previous != RecordKinds.End)
            return Wrong(at, "the image ends before its last record", out problem);
        return Checked(image[HeadBytes..], counts, timerFiles, records, bytes, out problem);
    }

    private static ProcessImage? Checked(ReadOnlySpan<byte> header, int[] counts, int timerFiles, int records, ReadOnlyMemory<byte> bytes, out string problem)
    {
        long monotonic = (long)Word(header, 2), boottime = (long)Word(header, 3), realtime = (long)Word(header, 4);
        if (monotonic < 0 || boottime < 0 || realtime < 0)
            return Wrong(HeadBytes, "a clock stands before its start", out problem);
        if (counts[RecordKinds.Process] == 0 || Word(header, 7) != (ulong)counts[RecordKinds.Process] || Word(header, 8) != (ulong)counts[RecordKinds.Thread])
            return Wrong(HeadBytes, $"{counts[RecordKinds.Process]} processes and {counts[RecordKinds.Thread]} threads instead of {Word(header, 7)} and {Word(header, 8)}", out problem);
        problem = "";
        return new ProcessImage(
            monotonic,
            boottime,
            realtime,
            counts[RecordKinds.Process],
            counts[RecordKinds.Thread],
            counts[RecordKinds.File],
            timerFiles + counts[RecordKinds.PosixTimer],
            counts[RecordKinds.Page],
            records,
            bytes);
    }

    private static ulong Word(ReadOnlySpan<byte> body, int index) => BinaryPrimitives.ReadUInt64LittleEndian(body[(index * sizeof(ulong))..]);

    private static ProcessImage? Wrong(int at, string cause, out string problem)
    {
        problem = $"byte {at}: {cause}";
        return null;
    }
}
