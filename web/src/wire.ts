// What goes over the wire, as the service's documentation of its events has it.

export type DeliveryStatus = 'SENT' | 'DELIVERED' | 'READ';

export interface Message {
  id: string;
  conversationId: string;
  seq: number;
  authorId: string;
  content: string;
  status: DeliveryStatus;
  createdAt: string;
  clientMessageId: string | null;
}

export interface Participant {
  userId: string;
  deliveredSeq: number;
  readSeq: number;
}

export interface Conversation {
  id: string;
  participants: Participant[];
  createdAt: string;
  lastSeq: number;
  lastMessage: Message | null;
  unreadCount: number;
  canSend: boolean;
}

export interface MessageStatus {
  conversationId: string;
  userId: string;
  deliveredSeq: number;
  readSeq: number;
}

export interface Typing {
  conversationId: string;
  userId: string;
  isTyping: boolean;
}

export interface Watermarks {
  deliveredSeq: number;
  readSeq: number;
}

export interface MessagePage {
  messages: Message[];
  olderCursor: string | null;
  newerCursor: string | null;
}

export interface InboxPage {
  conversations: Conversation[];
  nextCursor: string | null;
  offset: string;
}

export type DurableEvent =
  | { event: 'newMessage'; data: Message }
  | { event: 'messageStatus'; data: MessageStatus }
  | { event: 'conversationUpdated'; data: Conversation };

export interface SyncPage {
  events: (DurableEvent & { offset: string })[];
  offset: string;
  more: boolean;
}

export interface Failure {
  code: string;
  message: string;
  retryable: boolean;
  retryAfterMs?: number;
  field?: string;
}

export type Ack<T> = { ok: true; data: T } | { ok: false; error: Failure };

// Durable events carry the receiver's offset as their last argument.
export interface ServerEvents {
  newMessage: (message: Message, offset: string) => void;
  messageStatus: (status: MessageStatus, offset: string) => void;
  conversationUpdated: (conversation: Conversation, offset: string) => void;
  synced: (position: { offset: string }, offset: string) => void;
  typing: (typing: Typing) => void;
  tokenExpiring: (token: { expiresAt: string }) => void;
  serverDraining: (drain: { reconnectInMs: number }) => void;
  resyncRequired: () => void;
  exception: (failure: Failure & { event?: string }) => void;
}

// Each request with what it takes and what its ack brings.
export interface Requests {
  openConversation: { takes: { userId: string }; brings: Conversation };
  sendMessage: {
    takes: { conversationId: string; content: string; clientMessageId: string };
    brings: Message;
  };
  messageDelivered: { takes: { conversationId: string; messageId: string }; brings: Watermarks };
  messageRead: { takes: { conversationId: string; messageId: string }; brings: Watermarks };
  getMessages: {
    takes: { conversationId: string; limit?: number; cursor?: string };
    brings: MessagePage;
  };
  getConversations: { takes: { limit?: number; cursor?: string }; brings: InboxPage };
  sync: { takes: { since: string; limit?: number }; brings: SyncPage };
  refreshToken: { takes: { token: string }; brings: { expiresAt: string } };
}

export type ClientEvents = {
  [Name in keyof Requests]: (
    payload: Requests[Name]['takes'],
    ack: (answer: Ack<Requests[Name]['brings']>) => void,
  ) => void;
} & { typing: (payload: { conversationId: string; isTyping: boolean }) => void };
