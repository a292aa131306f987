namespace Helix.Bench.Wire;

/// <summary>What a front decides, without anything else of it: the client asks whom it names by itself, so that the front costs nothing.</summary>
/// <param name="places">One of them is asked each time.</param>
/// <param name="byConnections">Whoever has the fewest requests is asked, and of equals the one whose turn it is; else simply that one.</param>
internal sealed class Front(IReadOnlyList<Place> places, bool byConnections)
{
    private readonly Lock _gate = new();
    private readonly int[] _asked = new int[places.Count];
    private int _turn;

    public T Ask<T>(Func<HttpLink, T> question)
    {
        var at = Take();
        try
        {
            using var link = new HttpLink(places[at]);
            return question(link);
        }
        finally
        {
            lock (_gate) _asked[at]--;
        }
    }

    private int Take()
    {
        lock (_gate)
        {
            var at = _turn;
            for (var step = 1; byConnections && step < places.Count; step++)
            {
                var other = (_turn + step) % places.Count;
                if (_asked[other] < _asked[at]) at = other;
            }

            _turn = (_turn + 1) % places.Count;
            _asked[at]++;
            return at;
        }
    }
}
