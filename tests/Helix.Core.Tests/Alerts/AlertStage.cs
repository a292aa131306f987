using System.Text.Json;
using Helix.Core.Alerts;
using Helix.Core.History;

namespace Helix.Core.Tests.Alerts;

/// <summary>The alerts over a clock that the test moves, and what a database would have of them.</summary>
internal sealed class AlertStage
{
    public static readonly DateTimeOffset Start = new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);

    public AlertStage() => Book = AlertBook.New("home", 0, Start);

    public AlertBook Book { get; private set; }

    public DateTimeOffset Now { get; set; } = Start;

    /// <summary>Every happening that is known raises an alert, as it was told.</summary>
    public AlertRules Rules { get; set; } = new([Rule("all", new RuleTest.Causes([.. AlertCauses.Rows.Select(row => row.Name)])) with { Type = null, Severity = null }]);

    public AlertPolicy Policy { get; set; } = new([new("web", Severity.Info, 1000)]) { Link = "http://h/#alerts/" };

    public List<AlertMessage> Messages { get; } = [];

    /// <summary>As the list shows them, by number.</summary>
    public SortedDictionary<long, Alert> Listed { get; } = new();

    public static AlertRule Rule(string name, RuleTest test) => new(name, true, AlertType.Health, Severity.Warning, TimeSpan.Zero, null, test);

    public static Occurrence Told(string name, string? subject, Severity severity = Severity.Error, string? provider = null) =>
        new(Start, name, severity, provider, subject, $"{name} of {subject}") { IsAlert = true };

    public static Occurrence Event(string name, string? subject, string? provider = null) => new(Start, name, Severity.Info, provider, subject, $"{subject} {name}");

    public AlertStep Turn(params Occurrence[] seen) => Turn(new AlertInput([.. seen], null, [], 0));

    public AlertStep Turn(params MeasuredValue[] values) => Turn(new AlertInput([], AlertSample.Nothing with { Values = [.. values] }, [], 0));

    public AlertStep Turn(Beat beat) => Turn(new AlertInput([], AlertSample.Nothing with { Beats = [beat] }, [], 0));

    public WishOutcome Ask(AlertWish wish) => Turn(new AlertInput([], null, [wish], 0)).Outcomes[0];

    public AlertStep Turn(AlertInput input)
    {
        var step = AlertTurn.Run(Book, Rules, Policy, input, Now);
        foreach (var alert in step.Changed) Listed[alert.Id] = alert;
        foreach (var id in step.Dropped) Listed.Remove(id);
        Messages.AddRange(step.Messages);
        Book = step.Book;
        return step;
    }

    /// <summary>Lets time pass, with a turn every so often.</summary>
    public void Pass(TimeSpan span, TimeSpan? pace = null)
    {
        for (var end = Now + span; Now < end; )
        {
            Now += pace ?? TimeSpan.FromSeconds(1);
            Turn(AlertInput.Nothing);
        }
    }

    /// <summary>What another daemon reads from the database.</summary>
    public void Restart()
    {
        var body = JsonSerializer.Serialize(Book, AlertJson.Default.AlertBook);
        Alert[] alerts = [.. Book.Alerts.Values.Select(alert => JsonSerializer.Deserialize(JsonSerializer.Serialize(alert, AlertJson.Default.Alert), AlertJson.Default.Alert)!)];
        Book = JsonSerializer.Deserialize(body, AlertJson.Default.AlertBook)!.With(alerts);
    }
}
