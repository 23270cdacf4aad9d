using System.Threading;
using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>A spin lock: a locked exchange takes it, a plain store gives it back, as in Linux on x86.</summary>
internal struct Spin
{
    private uint _taken;

    internal unsafe void Acquire(void* self)
    {
        while (Machine.Exchange32(self, 1) != 0)
        {
            while (Volatile.Read(ref *(uint*)self) != 0) Machine.Pause();
        }
    }

    internal unsafe void Release(void* self) => Volatile.Write(ref *(uint*)self, 0);
}
