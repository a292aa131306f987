namespace Helix.Mirrors;

/// <summary>
/// The faults that are asked for, by path; a path that ends with <c>*</c> stands for all that begin like it. The one asked for last goes first,
/// and one with a number of times is forgotten after them.
/// </summary>
internal sealed class Mischief
{
    private readonly List<Planned> _planned = [];

    // protects _planned: tests and requests are on different threads
    private readonly Lock _lock = new();

    public void Stall(string path, int? times = null) => Plan(path, new Fault.Stalled(), times);

    public void Fail(string path, int status = 500, int? times = null) => Plan(path, new Fault.Failed(status), times);

    public void Missing(string path) => Fail(path, 404);

    public void Corrupt(string path, int at = -1, int? times = null) => Plan(path, new Fault.Corrupted(at), times);

    public void Cut(string path, int after, int? times = null) => Plan(path, new Fault.Cut(after), times);

    public void WrongDigest(string path, int? times = null) => Plan(path, new Fault.WrongDigest(), times);

    public void Slow(string path, TimeSpan pause) => Plan(path, new Fault.Slow(pause), null);

    /// <summary>Holds the next answer in the middle of its body.</summary>
    public Fault.Held Hold(string path)
    {
        var held = new Fault.Held(new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
        Plan(path, held, 1);
        return held;
    }

    /// <summary>All is well again with this path; with all paths where none is named.</summary>
    public void Clear(string? path = null)
    {
        lock (_lock) _planned.RemoveAll(planned => path is null || planned.Path == path);
    }

    /// <summary>The fault for an answer that is about to be given; counts it.</summary>
    public Fault? Take(string path)
    {
        lock (_lock)
        {
            if (_planned.FindLast(planned => Fits(planned.Path, path)) is not { } found) return null;
            if (found.Left is { } left && (found.Left = left - 1) == 0) _planned.Remove(found);
            return found.Fault;
        }
    }

    public static bool Fits(string wanted, string path) => wanted.EndsWith('*') ? path.StartsWith(wanted[..^1], StringComparison.Ordinal) : path == wanted;

    private void Plan(string path, Fault fault, int? times)
    {
        lock (_lock) _planned.Add(new Planned(path, fault) { Left = times });
    }

    private sealed class Planned(string path, Fault fault)
    {
        public string Path { get; } = path;

        public Fault Fault { get; } = fault;

        public int? Left { get; set; }
    }
}
