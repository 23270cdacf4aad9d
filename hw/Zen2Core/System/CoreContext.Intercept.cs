using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>Sees exceptions and software interrupts before the guest does.</summary>
public interface IExceptionInterceptor
{
    /// <summary>
    /// An event is about to be delivered. The instruction pointer is what delivery would save: that of the faulting instruction,
    /// or the one behind a trap or software interrupt. For a page fault CR2 is set.
    /// </summary>
    /// <param name="core">The core.</param>
    /// <param name="vector">Exception or interrupt vector, 0 to 255.</param>
    /// <param name="errorCode">Error code, for vectors that have one.</param>
    /// <param name="origin">How it came about.</param>
    /// <returns>True to drop the event: state and memory stay as they are.</returns>
    bool Intercept(CoreContext core, uint vector, uint errorCode, ExceptionDelivery.Origin origin);
}

/// <content>Interception of exceptions.</content>
public sealed unsafe partial class CoreContext
{
    /// <summary>Who sees exceptions and software interrupts first; null for nobody.</summary>
    public IExceptionInterceptor? Interceptor { get; set; }

    internal bool Intercepts(uint vector, uint errorCode, ExceptionDelivery.Origin origin) =>
        Interceptor is { } interceptor && interceptor.Intercept(this, vector, errorCode, origin);
}
