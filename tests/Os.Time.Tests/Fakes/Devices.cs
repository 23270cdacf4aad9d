using System.Text;
using CoSim.Os.Timekeeping.Tests;

namespace CoSim.Os
{
    internal static unsafe class Log
    {
        internal static void Print(ReadOnlySpan<byte> format) => Print(format, 0, 0, 0);

        internal static void Print(ReadOnlySpan<byte> format, ulong a) => Print(format, a, 0, 0);

        internal static void Print(ReadOnlySpan<byte> format, ulong a, ulong b, ulong c)
        {
            byte* line = stackalloc byte[300];
            TextBuffer text = new(line, 300);
            text.Format(format, a, b, c);
            SimulatedPc.LogLines.Add(Encoding.ASCII.GetString(line, text.Length));
        }
    }

    internal struct Fadt
    {
        internal uint PmTimerPort;
    }

    internal static class AcpiTables
    {
        internal static Fadt Fadt;
    }
}

namespace CoSim.Os.Timekeeping
{
    internal static class Hpet
    {
        internal static bool Present;
        internal static uint PeriodFs => 69841279;

        internal static uint ReadCounter() => SimulatedPc.Hpet();
    }
}
