using Helix.Clouds;
using Helix.Configuration;
using Helix.Core.Clouds;
using Helix.Core.Reports;
using Helix.Gateway;
using Helix.History;
using Helix.Models;
using Helix.Storage;

namespace Helix.Reports;

/// <summary>Offers reports. Nothing is made for them until one is asked for.</summary>
internal static class ReportsRegistration
{
    /// <summary>Needs from the container: the rooms Clouds, Configuration, Gateway, History, Models and Storage.</summary>
    public static void MapReports(this WebApplication app, string version)
    {
        var services = app.Services;
        var (config, clouds, library) = (services.GetRequiredService<IConfigView>(), services.GetRequiredService<CloudWatch>(), services.GetRequiredService<ModelLibrary>());
        var feeds = new ReportFeeds
        {
            Version = version,
            Prices = services.GetRequiredService<Lazy<CloudPrices>>(),
            OwnPrices = () => config.Current.Cloud.Prices ?? [],
            IsCloud = clouds.Has,
            Library = () => [.. library.Current.Models.Select(model => new ReportModel(model.Id, model.Bytes, model.Added))],
        };
        new ReportEndpoint(
            new ReportSources(
                services.GetRequiredService<Accounts>(), services.GetRequiredService<UsageTable>(), services.GetRequiredService<UptimeTable>(), services.GetRequiredService<UptimeWatch>(),
                services.GetRequiredService<HistoryTable>(), feeds),
            services.GetRequiredService<TimeProvider>()).Map(app);
    }
}
