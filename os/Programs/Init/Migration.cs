using CoSim.Guest;

namespace CoSim.Os.Programs.Init;

/// <summary>Both ends of a migration: processes are handed to the simulator, or made from what another machine handed over.</summary>
public static unsafe class Migration
{
    /// <summary>Numbers of the program's processes start here: kernel threads of no machine have them.</summary>
    private static byte* FirstNumber => Linux.Text("999"u8);

    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int StatusCannot = 125;
    private const int ClockMonotonic = 1, ClockBoottime = 7;

    /// <summary>Words of the image's header that matter here: after the record's head, the magic number and the version.</summary>
    private const int MonotonicWord = 3, BoottimeWord = 4, HeaderWords = 5;

    /// <summary>Lets the next process be 1000, on every machine.</summary>
    public static void NumberFromThousand() => WriteFile(Linux.Text("/proc/sys/kernel/ns_last_pid"u8), FirstNumber);

    /// <summary>
    /// Runs a program for a time and hands it over with all its descendants. Returns only when that fails or the program ends first, with
    /// the status to report.
    /// </summary>
    /// <param name="child">The program, just started.</param>
    /// <param name="after">Nanoseconds to let it run.</param>
    public static int HandOver(int child, long after)
    {
        Linux.SleepLong(after);
        byte* number = Linux.Allocate(32);
        Text.AppendNumber(number, child);
        long result = WriteFile(Linux.Text("/proc/checkpoint"u8), number);
        // Given away, it is another machine's: here it stays frozen. The simulator stops this machine before it could notice.
        if (result > 0) return 0;
        if (result == Linux.NoSuchProcess || result == Linux.Invalid) return -1;
        Complain(Linux.Text("init: cannot save the program: "u8), Linux.Text("/proc/checkpoint"u8), result);
        return StatusCannot;
    }

    /// <summary>Restores the processes of an image. Returns the first one's number, or -status.</summary>
    /// <param name="image">Path of the image.</param>
    /// <param name="inNamespace">Whether a time namespace keeps their clocks going.</param>
    public static int TakeOver(byte* image, bool inNamespace)
    {
        if (inNamespace)
        {
            long error = ContinueClocks(image);
            if (error < 0)
            {
                Text.Complain(Linux.Text("init: cannot make a time namespace, error"u8), Linux.Text(""u8), error);
                return -StatusCannot;
            }
        }
        long result = WriteFile(Linux.Text("/proc/restore"u8), image);
        if (result < 0)
        {
            Complain(Linux.Text("init: cannot restore the program: "u8), Linux.Text("/proc/restore"u8), result);
            return -StatusCannot;
        }
        byte* answer = Linux.Allocate(64);
        ReadFile(Linux.Text("/proc/restore"u8), answer, 63);
        return (int)Text.TakeNumber(ref answer);
    }

    /// <summary>A time namespace whose clocks stand where the image's stood: offset = saved - now.</summary>
    private static long ContinueClocks(byte* image)
    {
        long* header = (long*)Linux.Allocate(HeaderWords * sizeof(long));
        if (ReadFile(image, (byte*)header, HeaderWords * sizeof(long)) != HeaderWords * sizeof(long)) return Linux.Invalid;
        byte* lines = Linux.Allocate(256);
        byte* to = Line(lines, ClockMonotonic, header[MonotonicWord]);
        Line(to, ClockBoottime, header[BoottimeWord]);
        return TimeNamespace.Create(lines);
    }

    private static byte* Line(byte* to, int clock, long saved)
    {
        long offset = saved - Linux.Clock(clock);
        long seconds = offset / NanosecondsPerSecond, nanoseconds = offset % NanosecondsPerSecond;
        if (nanoseconds < 0)
        {
            seconds--;
            nanoseconds += NanosecondsPerSecond;
        }
        to = Text.AppendNumber(to, clock);
        *to++ = (byte)' ';
        to = Text.AppendNumber(to, seconds);
        *to++ = (byte)' ';
        to = Text.AppendNumber(to, nanoseconds);
        *to++ = (byte)'\n';
        *to = 0;
        return to;
    }

    private static long WriteFile(byte* path, byte* text)
    {
        int file = Linux.Open(path, Linux.WriteOnly);
        if (file < 0) return file;
        long result = Linux.Write(file, text, Text.Length(text));
        Linux.Close(file);
        return result;
    }

    private static long ReadFile(byte* path, byte* to, ulong count)
    {
        int file = Linux.Open(path, Linux.ReadOnly);
        if (file < 0) return file;
        long result = Linux.Read(file, to, count);
        Linux.Close(file);
        return result;
    }

    /// <summary>The kernel's own words say more than the error's number.</summary>
    private static void Complain(byte* what, byte* reasonFile, long error)
    {
        byte* reason = Linux.Allocate(256);
        long length = ReadFile(reasonFile, reason, 255);
        if (length > 0 && reason[length - 1] == '\n') reason[length - 1] = 0;
        byte* line = Text.Line;
        byte* at = Text.Append(Text.Append(line, what), reason);
        if (*reason == 0) at = Text.AppendNumber(Text.Append(at, Linux.Text("error "u8)), error);
        *at++ = (byte)'\n';
        Linux.Write(2, line, (ulong)(at - line));
    }
}
