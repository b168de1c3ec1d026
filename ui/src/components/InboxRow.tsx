// One line of the inbox: what it is about, why it is here, by when, and whose it is.
import type { InboxItem } from "../api/client";
import { Age, Deadline, KindMark } from "./marks";

export function InboxRow({ item }: { item: InboxItem }) {
  const closed = item.state !== "CREATED";
  return (
    <>
      <span className="row-main">
        <span className="row-head">
          <KindMark kind={item.kind} />
          {item.priority >= 75 && <span className="urgent">High priority</span>}
          <span className="row-title">{item.title}</span>
        </span>
        <span className="row-subject">{item.subject}</span>
        {item.reason !== "" && <span className="row-reason">{item.reason}</span>}
      </span>
      <span className="row-side">
        <Deadline due={item.dueDate} closed={closed} />
        <span className="row-who">
          {closed
            ? item.state === "CANCELED"
              ? "Cancelled"
              : "Done"
            : (item.assignee ?? `For ${item.roles.join(", ")}`)}
          {" · "}
          <Age since={item.creationDate} />
        </span>
      </span>
    </>
  );
}
