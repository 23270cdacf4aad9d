using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest.Samples;

/// <summary>A static Linux program: prints its arguments; the exit status is their number. With --selftest: see <see cref="SelfTest"/>.</summary>
public static unsafe class Program
{
    private const uint SysWrite = 1;

    [RuntimeExport("main")]
    public static int Main(ulong* stack)
    {
        int count = (int)stack[0];
        if (count == 2 && IsSelfTest((byte*)stack[2])) return SelfTest.Run();
        for (int i = 1; i < count; i++)
        {
            byte* text = (byte*)stack[1 + i];
            ulong length = 0;
            while (text[length] != 0) length++;
            SystemCall.Invoke(SysWrite, 1, (ulong)text, length);
            byte newLine = (byte)'\n';
            SystemCall.Invoke6(SysWrite, 1, (ulong)&newLine, 1, 0, 0, 0);
        }
        return count - 1;
    }

    private static bool IsSelfTest(byte* argument) => new ReadOnlySpan<byte>(argument, 10).SequenceEqual("--selftest"u8);
}
