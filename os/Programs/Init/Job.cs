namespace CoSim.Os.Programs.Init;

/// <summary>What init has been asked to do.</summary>
public unsafe struct Job
{
    private const ulong FileLimit = 1 << 20;

    /// <summary>Programs that a job can have.</summary>
    private const int MaximumPrograms = 1024;

    /// <summary>The programs' argument vectors, each ended by null; the first of a vector is the program.</summary>
    public byte*** Programs;

    /// <summary>How many; 0 when none was named.</summary>
    public int Count;

    /// <summary>Lines for timens_offsets; null to stay in the root time namespace.</summary>
    public byte* Offsets;

    /// <summary>Whether the console must not echo.</summary>
    public bool NoEcho;

    /// <summary>Nanoseconds after which the program is handed over; negative: never.</summary>
    public long CheckpointAfter;

    /// <summary>Image to restore instead of running programs; null for none.</summary>
    public byte* Image;

    /// <summary>Whether the restored program lives in a time namespace that keeps its clocks going.</summary>
    public bool KeepClocks;

    /// <summary>Reads the job from the arguments, or from the file that the only argument names.</summary>
    /// <param name="stack">argc, argv as the kernel left them.</param>
    public static Job Read(ulong* stack)
    {
        byte** words = (byte**)(stack + 1);
        if (stack[0] > 0) words++;
        if (*words != null && **words == '@') words = ReadFile(*words + 1);
        return Parse(words);
    }

    private static Job Parse(byte** words)
    {
        Job job = default;
        job.CheckpointAfter = -1;
        job.Programs = (byte***)Linux.Allocate((ulong)(MaximumPrograms * sizeof(byte**)));
        for (; *words != null && **words == '-'; words++)
        {
            if (Text.Same(*words, Linux.Text("--no-echo"u8))) job.NoEcho = true;
            else if (Text.Same(*words, Linux.Text("--timens"u8)) && words[1] != null) job.Offsets = ParseOffsets(*++words);
            else if (Text.Same(*words, Linux.Text("--checkpoint-after"u8)) && words[1] != null) job.CheckpointAfter = ParseNanoseconds(*++words);
            else if (Text.Same(*words, Linux.Text("--restore"u8)) && words[1] != null) job.Image = *++words;
            else if (Text.Same(*words, Linux.Text("--keep-clocks"u8))) job.KeepClocks = true;
            else if (Text.Same(*words, Linux.Text("--before"u8)) && words[1] != null) words = job.AddCounted(words + 1);
            else if (Text.Same(*words, Linux.Text("--"u8)))
            {
                words++;
                break;
            }
            else break;
        }
        if (*words != null) job.Add(words);
        return job;
    }

    private static long ParseNanoseconds(byte* text) => (long)Text.TakeNumber(ref text);

    private void Add(byte** words)
    {
        if (Count < MaximumPrograms) Programs[Count++] = words;
    }

    /// <summary>Adds the program in the words after a count of them, as far as there are so many.</summary>
    /// <returns>The last word taken.</returns>
    private byte** AddCounted(byte** count)
    {
        byte* digits = *count;
        ulong wanted = Text.TakeNumber(ref digits), taken = 0;
        while (taken < wanted && count[taken + 1] != null) taken++;
        byte** program = (byte**)Linux.Allocate((taken + 1) * (ulong)sizeof(byte*)); // zeroed: it ends with null
        for (ulong i = 0; i < taken; i++) program[i] = count[i + 1];
        if (taken > 0) Add(program);
        return count + taken;
    }

    /// <summary>The words of a file, each ended by a NUL, as a vector that ends with null. Empty when the file cannot be read.</summary>
    private static byte** ReadFile(byte* path)
    {
        byte* content = Linux.Allocate(FileLimit + 1);
        byte** words = (byte**)Linux.Allocate((FileLimit / 2 + 1) * (ulong)sizeof(byte*));
        int file = Linux.Open(path, Linux.ReadOnly);
        if (file < 0) return words;
        ulong length = 0;
        for (long count; length < FileLimit && (count = Linux.Read(file, content + length, FileLimit - length)) > 0;) length += (ulong)count;
        Linux.Close(file);
        int index = 0;
        for (byte* at = content; at < content + length && index < (int)(FileLimit / 2); at += Text.Length(at) + 1) words[index++] = at;
        return words;
    }

    /// <summary>"monotonic=S,boottime=S" as lines of "CLOCK SECONDS NANOSECONDS", nanoseconds counting upwards.</summary>
    private static byte* ParseOffsets(byte* text)
    {
        const int NanosecondDigits = 9;
        const long NanosecondsPerSecond = 1_000_000_000;
        byte* lines = Linux.Allocate(256 + Text.Length(text) * 2);
        byte* to = lines;
        while (*text != 0)
        {
            *to++ = *text == 'b' ? (byte)'7' : (byte)'1'; // ids, which every version understands
            while (*text != 0 && *text != '=') text++;
            if (*text == '=') text++;
            bool negative = *text == '-';
            if (negative || *text == '+') text++;
            long seconds = (long)Text.TakeNumber(ref text);
            long nanoseconds = 0;
            if (*text == '.')
            {
                byte* fraction = ++text;
                nanoseconds = (long)Text.TakeNumber(ref text);
                for (long digits = text - fraction; digits < NanosecondDigits; digits++) nanoseconds *= 10;
            }
            if (negative)
            {
                seconds = -seconds;
                if (nanoseconds > 0)
                {
                    seconds--;
                    nanoseconds = NanosecondsPerSecond - nanoseconds;
                }
            }
            *to++ = (byte)' ';
            to = Text.AppendNumber(to, seconds);
            *to++ = (byte)' ';
            to = Text.AppendNumber(to, nanoseconds);
            *to++ = (byte)'\n';
            *to = 0;
            while (*text != 0 && *text != ',') text++;
            if (*text == ',') text++;
        }
        return lines;
    }
}
