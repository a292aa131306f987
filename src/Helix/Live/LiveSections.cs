namespace Helix.Live;

/// <summary>All parts of what dashboards are shown, in the order in which they are told. Every room may add its own before the daemon starts.</summary>
internal sealed class LiveSections
{
    private readonly List<ILiveSection> _all = [];

    public IReadOnlyList<ILiveSection> All => _all;

    /// <summary>One of the same name gives way.</summary>
    public LiveSections Add(ILiveSection section)
    {
        var at = _all.FindIndex(known => known.Name == section.Name);
        if (at < 0) _all.Add(section);
        else _all[at] = section;
        return this;
    }
}
