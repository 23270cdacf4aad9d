namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>A core that must know when another one writes memory, to keep its loads in order.</summary>
public interface IStoreObserver
{
    /// <summary>Bytes at a physical address, within one page, have just changed.</summary>
    void OnStored(ulong physical, int size);
}
